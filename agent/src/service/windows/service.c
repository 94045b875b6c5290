/*
 * The agent as a Windows service: answers the service manager, which Node cannot, runs the agent, starts it again after a crash, and
 * tells it on its standard input why it is to stop. `prepare`: the same program as the second service, which does what the
 * agent's own account may not.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "files.h"
#include "prepare.h"

static const wchar_t PREPARE_SERVICE[] = L"muster-agent-prepare";
static const wchar_t LOG[] = L"agent.log";
static const wchar_t LOG_BEFORE[] = L"agent.log.1";

/* As run.sh on Linux: interpreter only, no helper threads, a small young generation, no authorities loaded ahead, no debugger from outside. */
#define NODE_FLAGS                                                                                          \
  L"--lite-mode --max-semi-space-size=1 --max-old-space-size=96 --v8-pool-size=0 --single-threaded "        \
  L"--no-incremental-marking --no-memory-pool --use-openssl-ca --disable-sigusr1"

#define LOG_BYTES_MAX (4 << 20)
#define PAUSE_MS_MIN 1000
#define PAUSE_MS_MAX 60000
/* An agent that ran so long has not crashed at its start. */
#define SETTLED_MS 60000
/* Time for the goodbye. */
#define STOP_MS_MAX 10000
#define STOP_WAIT_HINT_MS (STOP_MS_MAX + 5000)
#define LOOK_MS 1000
#define LOCKED_LOOK_MS 500
#define LOCKED_MS_MAX 30000
/* The system waits two seconds for all who are told that it goes to sleep; the goodbye needs some milliseconds. */
#define SLEEP_GOODBYE_MS 500
/* User-defined controls, by the installer and the uninstaller: what the stop that follows is for. */
#define CONTROL_UPGRADE 128
#define CONTROL_UNINSTALL 129

static SERVICE_STATUS_HANDLE status_handle;
static HANDLE stop_event;
static const char *volatile stop_word = "stop";
static const char *volatile stop_reason = "stop";

static CRITICAL_SECTION input_lock;
static HANDLE agent_input;

static void set_status(DWORD state, DWORD wait_hint_ms) {
  static DWORD check_point;
  SERVICE_STATUS status = {0};
  status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
  status.dwCurrentState = state;
  status.dwControlsAccepted =
      state == SERVICE_RUNNING ? SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_PRESHUTDOWN | SERVICE_ACCEPT_POWEREVENT : 0;
  status.dwCheckPoint = wait_hint_ms == 0 ? 0 : ++check_point;
  status.dwWaitHint = wait_hint_ms;
  SetServiceStatus(status_handle, &status);
}

static HANDLE open_log(void) {
  wchar_t path[PATH_CHARS];
  join_path(path, data_folder, LOG);
  SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
  return CreateFileW(path, FILE_APPEND_DATA | SYNCHRONIZE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                     &inherited, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
}

static void write_log(const char *format, ...) {
  char words[VALUE_BYTES_MAX * 3], line[VALUE_BYTES_MAX * 4];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(words, sizeof words, format, arguments);
  va_end(arguments);
  SYSTEMTIME now;
  GetSystemTime(&now);
  int length = snprintf(line, sizeof line, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ muster-agent-service: %s\r\n", now.wYear,
                        now.wMonth, now.wDay, now.wHour, now.wMinute, now.wSecond, now.wMilliseconds, words);
  HANDLE log = open_log();
  if (log == INVALID_HANDLE_VALUE) return;
  DWORD written;
  WriteFile(log, line, (DWORD)length, &written, NULL);
  CloseHandle(log);
}

/* The agent keeps the file open and only ever adds to it, so it is emptied and not renamed. */
static void limit_log(void) {
  wchar_t path[PATH_CHARS], before[PATH_CHARS];
  join_path(path, data_folder, LOG);
  WIN32_FILE_ATTRIBUTE_DATA found;
  if (!GetFileAttributesExW(path, GetFileExInfoStandard, &found)) return;
  if (found.nFileSizeHigh == 0 && found.nFileSizeLow < LOG_BYTES_MAX) return;
  join_path(before, data_folder, LOG_BEFORE);
  CopyFileW(path, before, FALSE);
  HANDLE log = CreateFileW(path, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                           TRUNCATE_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
  if (log != INVALID_HANDLE_VALUE) CloseHandle(log);
}

/* A line for the agent; one that does not run hears nothing. */
static void tell(const char *word) {
  char line[32];
  int length = snprintf(line, sizeof line, "%s\n", word);
  EnterCriticalSection(&input_lock);
  DWORD written;
  if (agent_input != NULL) WriteFile(agent_input, line, (DWORD)length, &written, NULL);
  LeaveCriticalSection(&input_lock);
}

static void set_input(HANDLE input) {
  EnterCriticalSection(&input_lock);
  if (agent_input != NULL) CloseHandle(agent_input);
  agent_input = input;
  LeaveCriticalSection(&input_lock);
}

static void power_changed(DWORD event) {
  if (event == PBT_APMSUSPEND) {
    tell("sleep");
    Sleep(SLEEP_GOODBYE_MS);
  } else if (event == PBT_APMRESUMEAUTOMATIC) {
    tell("resume");
  }
}

static DWORD WINAPI on_control(DWORD control, DWORD event, void *data, void *context) {
  (void)data;
  (void)context;
  switch (control) {
    case SERVICE_CONTROL_STOP:
    case SERVICE_CONTROL_PRESHUTDOWN:
      stop_reason = control == SERVICE_CONTROL_PRESHUTDOWN ? "shutdown" : stop_word;
      set_status(SERVICE_STOP_PENDING, STOP_WAIT_HINT_MS);
      SetEvent(stop_event);
      return NO_ERROR;
    case SERVICE_CONTROL_POWEREVENT:
      power_changed(event);
      return NO_ERROR;
    case CONTROL_UPGRADE:
      stop_word = "upgrade";
      return NO_ERROR;
    case CONTROL_UNINSTALL:
      stop_word = "uninstall";
      return NO_ERROR;
    case SERVICE_CONTROL_INTERROGATE:
      return NO_ERROR;
  }
  return ERROR_CALL_NOT_IMPLEMENTED;
}

static bool is_stopping(DWORD wait_ms) { return WaitForSingleObject(stop_event, wait_ms) == WAIT_OBJECT_0; }

/* While another service is being started, as when Windows itself starts, the manager refuses. */
static bool start_patiently(SC_HANDLE service) {
  ULONGLONG since_ms = GetTickCount64();
  while (!StartServiceW(service, 0, NULL)) {
    if (GetLastError() != ERROR_SERVICE_DATABASE_LOCKED || GetTickCount64() - since_ms >= LOCKED_MS_MAX) return false;
    if (is_stopping(LOCKED_LOOK_MS)) return false;
  }
  return true;
}

/* By the second service, which the agent's account may start and not change. */
static void prepare_by_service(void) {
  SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
  SC_HANDLE service =
      manager == NULL ? NULL : OpenServiceW(manager, PREPARE_SERVICE, SERVICE_START | SERVICE_QUERY_STATUS);
  bool started = service != NULL && start_patiently(service);
  if (!started && !is_stopping(0)) write_log("the service %ls cannot be started (error %lu)", PREPARE_SERVICE, GetLastError());
  SERVICE_STATUS status = {0};
  for (DWORD waited = 0; started && waited < PREPARE_MS_MAX; waited += 100) {
    if (!QueryServiceStatus(service, &status) || status.dwCurrentState == SERVICE_STOPPED) break;
    if (WaitForSingleObject(stop_event, 100) == WAIT_OBJECT_0) break;
  }
  if (service != NULL) CloseServiceHandle(service);
  if (manager != NULL) CloseServiceHandle(manager);
}

/* The second service writes no log: what it did is said here, by the notes that it left. @returns another version is there now */
static bool prepare_if_wanted(void) {
  if (!is_preparation_wanted()) return false;
  struct trial before, now;
  char serial_before[VALUE_BYTES_MAX] = "", serial[VALUE_BYTES_MAX], why[VALUE_BYTES_MAX];
  bool was_on_trial = read_trial(&before);
  read_taken_back(serial_before, why);
  prepare_by_service();
  bool is_on_trial = read_trial(&now);
  bool is_new = is_on_trial && (!was_on_trial || strcmp(before.serial, now.serial) != 0);
  bool is_taken_back = read_taken_back(serial, why) && ((was_on_trial && !is_on_trial) || strcmp(serial, serial_before) != 0);
  if (is_new) write_log("release number %s is on trial for %u s", now.serial, now.seconds);
  if (is_taken_back) write_log("release number %s is taken back: %s", serial, why);
  return is_new || is_taken_back;
}

/* Nothing that is set for the whole machine may change what runs here. */
static void clean_environment(void) {
  wchar_t *all = GetEnvironmentStringsW();
  if (all == NULL) return;
  for (const wchar_t *entry = all; *entry != 0; entry += wcslen(entry) + 1) {
    if (_wcsnicmp(entry, L"NODE_", 5) != 0 && _wcsnicmp(entry, L"MUSTER_", 7) != 0) continue;
    wchar_t name[PATH_CHARS];
    swprintf(name, PATH_CHARS, L"%.*ls", (int)wcscspn(entry, L"="), entry);
    SetEnvironmentVariableW(name, NULL);
  }
  FreeEnvironmentStringsW(all);
  wchar_t ca[PATH_CHARS];
  join_path(ca, state_folder, L"ca.pem");
  if (GetFileAttributesW(ca) != INVALID_FILE_ATTRIBUTES) SetEnvironmentVariableW(L"NODE_EXTRA_CA_CERTS", ca);
  SetEnvironmentVariableW(L"UV_THREADPOOL_SIZE", L"8");
}

/* Whatever the agent starts ends with it, and with this program. */
static HANDLE create_job(void) {
  HANDLE job = CreateJobObjectW(NULL, NULL);
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
  return job;
}

/* @returns the process, in the job, with `agent_input` as its standard input; NULL: it could not be started, and the log says why */
static HANDLE start_agent(HANDLE job) {
  wchar_t command[4 * PATH_CHARS];
  swprintf(command, sizeof command / sizeof *command,
           L"\"%ls\\node.exe\" " NODE_FLAGS L" \"%ls\\agent.mjs\" run --config \"%ls\\config.json\""
           L" --install-dir \"%ls\" --supervised",
           install_folder, install_folder, state_folder, install_folder);
  SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
  HANDLE read_end = NULL, write_end = NULL;
  if (!CreatePipe(&read_end, &write_end, &inherited, 0)) return NULL;
  SetHandleInformation(write_end, HANDLE_FLAG_INHERIT, 0);
  HANDLE log = open_log();
  STARTUPINFOW startup = {0};
  startup.cb = sizeof startup;
  startup.dwFlags = STARTF_USESTDHANDLES;
  startup.hStdInput = read_end;
  startup.hStdOutput = startup.hStdError = log;
  PROCESS_INFORMATION process = {0};
  DWORD flags = CREATE_NO_WINDOW | CREATE_SUSPENDED | BELOW_NORMAL_PRIORITY_CLASS;
  bool ok = CreateProcessW(NULL, command, NULL, NULL, TRUE, flags, NULL, install_folder, &startup, &process);
  DWORD error = ok ? 0 : GetLastError();
  CloseHandle(read_end);
  if (log != INVALID_HANDLE_VALUE) CloseHandle(log);
  if (!ok) {
    CloseHandle(write_end);
    write_log("Node could not be started (error %lu)", error);
    return NULL;
  }
  AssignProcessToJobObject(job, process.hProcess);
  set_input(write_end);
  ResumeThread(process.hThread);
  CloseHandle(process.hThread);
  return process.hProcess;
}

static void end_agent(HANDLE process, HANDLE job, const char *reason) {
  tell(reason);
  if (WaitForSingleObject(process, STOP_MS_MAX) == WAIT_OBJECT_0) return;
  write_log("the agent did not end within %d s and is killed", STOP_MS_MAX / 1000);
  TerminateJobObject(job, 1);
}

/* Without the time that the machine slept: a version on trial must not be taken back for a lid that was closed. */
static ULONGLONG awake_ms(void) {
  ULONGLONG tenths_of_us = 0;
  QueryUnbiasedInterruptTime(&tenths_of_us);
  return tenths_of_us / 10000;
}

/* Until the agent ends, or this service is to stop. @returns exit code of the agent */
static DWORD watch_agent(HANDLE process, HANDLE job) {
  ULONGLONG started_ms = awake_ms();
  struct trial trial;
  bool on_trial = read_trial(&trial);
  HANDLE either[] = {stop_event, process};
  for (;;) {
    DWORD what = WaitForMultipleObjects(2, either, FALSE, on_trial ? LOOK_MS : PAUSE_MS_MAX);
    if (what == WAIT_OBJECT_0) end_agent(process, job, stop_reason);
    if (what != WAIT_TIMEOUT) break;
    limit_log();
    if (!on_trial || awake_ms() - started_ms < trial.seconds * 1000ULL) continue;
    on_trial = false;
    if (is_confirmed(trial.serial)) continue;
    write_log("release number %s did not connect within %u s", trial.serial, trial.seconds);
    note_trial_failed();
    end_agent(process, job, "upgrade");
    break;
  }
  DWORD code = 1;
  WaitForSingleObject(process, LOOK_MS);
  GetExitCodeProcess(process, &code);
  return code;
}

static void run_agent_until_stop(void) {
  HANDLE job = create_job();
  DWORD pause_ms = PAUSE_MS_MIN;
  for (;;) {
    if (prepare_if_wanted()) pause_ms = PAUSE_MS_MIN;
    limit_log();
    if (is_stopping(0)) return;
    ULONGLONG started_ms = GetTickCount64();
    HANDLE process = start_agent(job);
    if (process != NULL) {
      DWORD code = watch_agent(process, job);
      set_input(NULL);
      CloseHandle(process);
      if (!is_stopping(0)) write_log("the agent ended with code %lu", code);
    }
    TerminateJobObject(job, 1);
    /* One that has left for another version has not crashed either. */
    if (GetTickCount64() - started_ms >= SETTLED_MS || is_version_asked()) pause_ms = PAUSE_MS_MIN;
    if (is_stopping(pause_ms)) return;
    pause_ms = pause_ms * 2 > PAUSE_MS_MAX ? PAUSE_MS_MAX : pause_ms * 2;
  }
}

static void WINAPI agent_service(DWORD count, wchar_t **arguments) {
  (void)count;
  (void)arguments;
  status_handle = RegisterServiceCtrlHandlerExW(L"", on_control, NULL);
  stop_event = CreateEventW(NULL, TRUE, FALSE, NULL);
  InitializeCriticalSection(&input_lock);
  clean_environment();
  set_status(SERVICE_RUNNING, 0);
  run_agent_until_stop();
  set_status(SERVICE_STOPPED, 0);
}

static DWORD WINAPI on_prepare_control(DWORD control, DWORD event, void *data, void *context) {
  (void)event;
  (void)data;
  (void)context;
  return control == SERVICE_CONTROL_INTERROGATE ? NO_ERROR : ERROR_CALL_NOT_IMPLEMENTED;
}

static void WINAPI prepare_service(DWORD count, wchar_t **arguments) {
  (void)count;
  (void)arguments;
  status_handle = RegisterServiceCtrlHandlerExW(L"", on_prepare_control, NULL);
  clean_environment();
  set_status(SERVICE_START_PENDING, PREPARE_MS_MAX);
  prepare();
  set_status(SERVICE_STOPPED, 0);
}

/* muster-agent-service.exe run|prepare STATE-FOLDER */
int wmain(int count, wchar_t **arguments) {
  wchar_t own_process[] = L"";
  bool is_known = count == 3 && find_folders(arguments[2]);
  bool prepares = is_known && wcscmp(arguments[1], L"prepare") == 0;
  SERVICE_TABLE_ENTRYW table[] = {{own_process, prepares ? prepare_service : agent_service}, {NULL, NULL}};
  if (is_known && StartServiceCtrlDispatcherW(table)) return 0;
  fwprintf(stderr, L"This is the Muster agent's service. Windows starts it: Start-Service muster-agent\n");
  return 1;
}
