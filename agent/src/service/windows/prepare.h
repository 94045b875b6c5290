/* What is to be decided before a start of the agent, with more rights than the agent has. */
#ifndef MUSTER_PREPARE_H
#define MUSTER_PREPARE_H

#include <stdbool.h>

/* What it must be done within: an upgrade unpacks 100 MB. */
#define PREPARE_MS_MAX 300000

/* The agent has left for the release that it has loaded, or for the version before. */
bool is_version_asked(void);
/* A trial is to be settled, the agent asks for another version, or a token that was used is to be forgotten. Needs no rights. */
bool is_preparation_wanted(void);
/* As the system: the agent's account may not write where the programs and the configuration lie. */
void prepare(void);

struct trial {
  char serial[16];
  unsigned seconds;
};
/* false: no version is on trial. */
bool read_trial(struct trial *trial);
/* The agent of this release has said that it is well. */
bool is_confirmed(const char *serial);
/* A version on trial that hangs is taken back with the next start. */
void note_trial_failed(void);
/* Why the last trial was taken back, for the log; false: none was. */
bool read_taken_back(char *serial, char *why);

#endif
