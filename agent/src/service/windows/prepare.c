#include "prepare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "files.h"

/* The same notes as on Linux (service/linux/prepare.sh), in the same form. */
static const wchar_t TRIAL[] = L"trial";
static const wchar_t TAKEN_BACK[] = L"taken-back";
static const wchar_t PREVIOUS[] = L"previous";
static const wchar_t CONFIRMED[] = L"upgrade-confirmed";
static const wchar_t FAILED[] = L"upgrade-failed";
/* By which the agent asks for the release that it has loaded, or for the version before (agent/src/upgrade/pending-files.ts). */
static const wchar_t READY[] = L"upgrade-ready";
static const wchar_t ROLL_BACK[] = L"upgrade-roll-back";
/* Windows does not let a program that runs be replaced, so an upgrade is run by a copy of Node. */
static const wchar_t UPGRADER[] = L"node-upgrade.exe";
static const wchar_t CONFIG[] = L"config.json";
static const wchar_t IDENTITY[] = L"identity.json";
/* What an upgrade replaces, the manifest last: by it an agent knows its own number. */
static const wchar_t *const REPLACED[] = {L"node.exe", L"version", L"agent.mjs", L"release.json"};

/* Starts of a version that never connected; the first ones may have been a full disk or a server that was away. */
#define STARTS_MAX 3
#define TRIAL_SECONDS_DEFAULT 300
/* What is read for an upgrade is the agent's; it must not keep this from ending. */
#define ASKED_MS_MAX 240000

static bool is_token_used(const char *config) {
  char identity[TEXT_BYTES_MAX], key[VALUE_BYTES_MAX], enrolled[VALUE_BYTES_MAX], token[VALUE_BYTES_MAX];
  return setting_value(config, "token", token) && setting_value(config, "serverKey", key) &&
         read_text(data_folder, IDENTITY, identity) && setting_value(identity, "enrolledWith", enrolled) &&
         strcmp(key, enrolled) == 0;
}

bool is_version_asked(void) { return exists(data_folder, READY) || exists(data_folder, ROLL_BACK); }

bool is_preparation_wanted(void) {
  char config[TEXT_BYTES_MAX];
  return exists(install_folder, TRIAL) || is_version_asked() || (read_text(state_folder, CONFIG, config) && is_token_used(config));
}

bool is_confirmed(const char *serial) {
  char text[TEXT_BYTES_MAX];
  if (!read_text(data_folder, CONFIRMED, text)) return false;
  text[strcspn(text, "\r\n")] = 0;
  return strcmp(text, serial) == 0;
}

bool read_trial(struct trial *trial) {
  char text[TEXT_BYTES_MAX], serial[VALUE_BYTES_MAX], seconds[VALUE_BYTES_MAX];
  if (!read_text(install_folder, TRIAL, text)) return false;
  if (!note_value(text, "serial", serial) || !is_number(serial)) serial[0] = 0;
  snprintf(trial->serial, sizeof trial->serial, "%.15s", serial);
  bool known = note_value(text, "seconds", seconds) && is_number(seconds);
  trial->seconds = known ? (unsigned)strtoul(seconds, NULL, 10) : TRIAL_SECONDS_DEFAULT;
  return true;
}

void note_trial_failed(void) {
  /* Without room for this note the next start, which cannot be counted, takes it back. */
  write_text(data_folder, FAILED, "");
}

bool read_taken_back(char *serial, char *why) {
  char text[TEXT_BYTES_MAX];
  if (!read_text(install_folder, TAKEN_BACK, text)) return false;
  if (!note_value(text, "serial", serial)) serial[0] = 0;
  if (!note_value(text, "why", why)) why[0] = 0;
  return true;
}

/* Renames only: they need no room on the disk. */
static void take_back(const char *notes, const char *why) {
  char known[VALUE_BYTES_MAX], with_why[TEXT_BYTES_MAX + VALUE_BYTES_MAX];
  if (!note_value(notes, "why", known)) {
    size_t length = strlen(notes);
    const char *end = length > 0 && notes[length - 1] != '\n' ? "\n" : "";
    snprintf(with_why, sizeof with_why, "%s%swhy=%s\n", notes, end, why);
    write_text(install_folder, TRIAL, with_why);
  }
  wchar_t previous[PATH_CHARS];
  join_path(previous, install_folder, PREVIOUS);
  for (size_t i = 0; i < sizeof REPLACED / sizeof *REPLACED; i++)
    if (exists(previous, REPLACED[i])) replace_file(previous, REPLACED[i], install_folder, REPLACED[i]);
  RemoveDirectoryW(previous);
  delete_file(data_folder, FAILED);
  delete_file(data_folder, CONFIRMED);
  /* For those who ask what became of it. */
  replace_file(install_folder, TRIAL, install_folder, TAKEN_BACK);
}

static bool count_start(const char *serial, const char *seconds, unsigned starts) {
  char text[4 * VALUE_BYTES_MAX];
  snprintf(text, sizeof text, "serial=%s\nseconds=%s\nstarts=%u\n", serial, seconds, starts + 1);
  return write_text(install_folder, TRIAL, text);
}

/* A version on trial that has not proved itself goes, and the one before it returns. Done here: the new one may not even start. */
static void settle_trial(void) {
  char text[TEXT_BYTES_MAX], serial[VALUE_BYTES_MAX], seconds[VALUE_BYTES_MAX], starts[VALUE_BYTES_MAX];
  char why[2 * VALUE_BYTES_MAX];
  if (!exists(install_folder, TRIAL)) return;
  if (!read_text(install_folder, TRIAL, text)) text[0] = 0;
  if (note_value(text, "why", why)) {
    /* The power went while it was being taken back. */
    take_back(text, why);
  } else if (!note_value(text, "serial", serial) || !is_number(serial) || !note_value(text, "seconds", seconds) ||
             !is_number(seconds) || !note_value(text, "starts", starts) || !is_number(starts)) {
    take_back(text, "the notes about its trial are damaged");
  } else if (is_confirmed(serial)) {
    delete_file(install_folder, TRIAL);
    delete_file(data_folder, CONFIRMED);
    delete_file(install_folder, TAKEN_BACK);
  } else if (exists(data_folder, FAILED)) {
    snprintf(why, sizeof why, "it did not connect within %s s", seconds);
    take_back(text, why);
  } else if (strtoul(starts, NULL, 10) >= STARTS_MAX) {
    snprintf(why, sizeof why, "it was started %s times and ended each time before it was connected", starts);
    take_back(text, why);
  } else if (!count_start(serial, seconds, (unsigned)strtoul(starts, NULL, 10))) {
    take_back(text, "its starts could not be counted; is the disk full?");
  }
}

/* The agent may change nothing here; the installed version decides, by signature. */
static void settle_asked(void) {
  if (!is_version_asked()) return;
  wchar_t command[4 * PATH_CHARS], node[PATH_CHARS], copy[PATH_CHARS];
  join_path(node, install_folder, L"node.exe");
  join_path(copy, install_folder, UPGRADER);
  CopyFileW(node, copy, FALSE);
  swprintf(command, sizeof command / sizeof *command,
           L"\"%ls\" --no-warnings \"%ls\\agent.mjs\" upgrade --pending --data-dir \"%ls\" --install-dir \"%ls\"", copy,
           install_folder, data_folder, install_folder);
  STARTUPINFOW startup = {0};
  startup.cb = sizeof startup;
  PROCESS_INFORMATION process;
  if (CreateProcessW(NULL, command, NULL, NULL, FALSE, CREATE_NO_WINDOW, NULL, install_folder, &startup, &process)) {
    if (WaitForSingleObject(process.hProcess, ASKED_MS_MAX) != WAIT_OBJECT_0) TerminateProcess(process.hProcess, 1);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
  }
  delete_file(install_folder, UPGRADER);
  /* What the version before has said counts no more. */
  const wchar_t *const said[] = {READY, ROLL_BACK, CONFIRMED, FAILED};
  for (size_t i = 0; i < sizeof said / sizeof *said; i++) delete_file(data_folder, said[i]);
  char text[TEXT_BYTES_MAX], why[VALUE_BYTES_MAX];
  if (read_text(install_folder, TRIAL, text) && note_value(text, "why", why)) settle_trial();
}

static void forget_used_token(void) {
  char config[TEXT_BYTES_MAX], kept[TEXT_BYTES_MAX];
  if (!read_text(state_folder, CONFIG, config) || !is_token_used(config)) return;
  const char *line = strstr(config, "  \"token\":");
  if (line == NULL) return;
  const char *rest = strchr(line, '\n');
  snprintf(kept, sizeof kept, "%.*s%s", (int)(line - config), config, rest == NULL ? "" : rest + 1);
  write_text(state_folder, CONFIG, kept);
}

void prepare(void) {
  settle_trial();
  settle_asked();
  forget_used_token();
}
