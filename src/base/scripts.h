// The scripts that fetch what Rainbow does not bring (scripts/get-atari and others): where the user finds
// them.
//
// In the source tree they are in ./scripts. An installed program, and an installed shared library, know them
// in share/rainbow/scripts of the directory that they are installed in, wherever that was moved to.
#ifndef RB_BASE_SCRIPTS_H
#define RB_BASE_SCRIPTS_H

// The text with the path of the installed script in place of each "./scripts/NAME" or "scripts/NAME", quoted
// for a shell if necessary; the text itself if no scripts are installed. The result is never freed: for the
// few texts that the program holds, not for messages.
const char *rb_scripts_in(const char *text);

#endif
