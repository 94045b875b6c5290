/* Where things lie on a machine, and small files as text. Paths are wide, contents are bytes. */
#ifndef MUSTER_FILES_H
#define MUSTER_FILES_H

#include <stdbool.h>
#include <windows.h>

#define PATH_CHARS 1024
/* Of the files that are read here; each is some lines. */
#define TEXT_BYTES_MAX 16384
#define VALUE_BYTES_MAX 512

/* %ProgramFiles%\Muster Agent: programs, and the notes about a trial; the agent's account may only read it. */
extern wchar_t install_folder[PATH_CHARS];
/* %ProgramData%\Muster Agent: the configuration; the agent's account may only read it. */
extern wchar_t state_folder[PATH_CHARS];
/* Below it, the agent's own: key, spool, status, log. */
extern wchar_t data_folder[PATH_CHARS];

/* `state`: as the service's command line says it; the environment of a service is not the same everywhere. */
bool find_folders(const wchar_t *state);
void join_path(wchar_t *to, const wchar_t *folder, const wchar_t *name);
bool exists(const wchar_t *folder, const wchar_t *name);
/* Its beginning, with a zero behind it; false: it is not there or cannot be read. */
bool read_text(const wchar_t *folder, const wchar_t *name, char *text);
/* Whole or not at all, and on the disk when this returns. */
bool write_text(const wchar_t *folder, const wchar_t *name, const char *text);
bool replace_file(const wchar_t *from_folder, const wchar_t *from, const wchar_t *to_folder, const wchar_t *to);
void delete_file(const wchar_t *folder, const wchar_t *name);

/* Value of a line `name=value`; false: there is no such line. */
bool note_value(const char *text, const char *name, char *value);
/* Value of `"name": "value"`, as our own programs write JSON: one setting a line, nothing escaped. */
bool setting_value(const char *text, const char *name, char *value);
/* A whole number without a sign. */
bool is_number(const char *text);

#endif
