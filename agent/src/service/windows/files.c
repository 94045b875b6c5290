#include "files.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

wchar_t install_folder[PATH_CHARS];
wchar_t state_folder[PATH_CHARS];
wchar_t data_folder[PATH_CHARS];

bool find_folders(const wchar_t *state) {
  DWORD length = GetModuleFileNameW(NULL, install_folder, PATH_CHARS);
  if (length == 0 || length >= PATH_CHARS || wcslen(state) >= PATH_CHARS / 2) return false;
  wchar_t *end = wcsrchr(install_folder, L'\\');
  if (end == NULL) return false;
  *end = 0;
  wcscpy(state_folder, state);
  join_path(data_folder, state_folder, L"data");
  return true;
}

void join_path(wchar_t *to, const wchar_t *folder, const wchar_t *name) {
  swprintf(to, PATH_CHARS, L"%ls\\%ls", folder, name);
}

bool exists(const wchar_t *folder, const wchar_t *name) {
  wchar_t path[PATH_CHARS];
  join_path(path, folder, name);
  return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

bool read_text(const wchar_t *folder, const wchar_t *name, char *text) {
  wchar_t path[PATH_CHARS];
  join_path(path, folder, name);
  HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                            OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, NULL);
  if (file == INVALID_HANDLE_VALUE) return false;
  DWORD length = 0;
  bool ok = GetFileType(file) == FILE_TYPE_DISK && ReadFile(file, text, TEXT_BYTES_MAX - 1, &length, NULL);
  CloseHandle(file);
  text[ok ? length : 0] = 0;
  return ok;
}

bool write_text(const wchar_t *folder, const wchar_t *name, const char *text) {
  wchar_t draft[PATH_CHARS];
  swprintf(draft, PATH_CHARS, L"%ls.new", name);
  wchar_t path[PATH_CHARS];
  join_path(path, folder, draft);
  HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
  if (file == INVALID_HANDLE_VALUE) return false;
  DWORD length = (DWORD)strlen(text), written = 0;
  bool ok = WriteFile(file, text, length, &written, NULL) && written == length && FlushFileBuffers(file);
  CloseHandle(file);
  return ok && replace_file(folder, draft, folder, name);
}

bool replace_file(const wchar_t *from_folder, const wchar_t *from, const wchar_t *to_folder, const wchar_t *to) {
  wchar_t from_path[PATH_CHARS], to_path[PATH_CHARS];
  join_path(from_path, from_folder, from);
  join_path(to_path, to_folder, to);
  return MoveFileExW(from_path, to_path, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH);
}

void delete_file(const wchar_t *folder, const wchar_t *name) {
  wchar_t path[PATH_CHARS];
  join_path(path, folder, name);
  DeleteFileW(path);
}

/* What follows `before`, up to one of `ends` or the end of the text. */
static bool between(const char *start, const char *ends, char *value) {
  size_t length = strcspn(start, ends);
  if (length >= VALUE_BYTES_MAX) return false;
  memcpy(value, start, length);
  value[length] = 0;
  return true;
}

bool note_value(const char *text, const char *name, char *value) {
  size_t length = strlen(name);
  for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
    if (*line == '\n') line++;
    if (strncmp(line, name, length) == 0 && line[length] == '=') return between(line + length + 1, "\r\n", value);
  }
  return false;
}

bool setting_value(const char *text, const char *name, char *value) {
  char head[VALUE_BYTES_MAX];
  snprintf(head, sizeof head, "\"%s\": \"", name);
  const char *found = strstr(text, head);
  return found != NULL && between(found + strlen(head), "\"\r\n", value);
}

bool is_number(const char *text) { return *text != 0 && text[strspn(text, "0123456789")] == 0 && strlen(text) <= 15; }
