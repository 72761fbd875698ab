#!/usr/bin/env python3
"""symbols.py finds the declarations of headers, and a symbol too many or too few."""
import os
import stat
import subprocess
import sys
import tempfile
import unittest

import symbols

HEADER = """
// int rb_in_a_comment(void);
#define RB_CALL(x) rb_in_a_macro(x)
#ifdef __cplusplus
extern "C" {
#endif
typedef void (*rb_hook_fn)(int count);
typedef struct rb_hooks { void (*progress)(void *context); int count; } rb_hooks;
enum { RB_ONE, RB_TWO };
int rb_plain(void); // rb_after(void);
const char *rb_pointer(const char *text);
rb_status rb_long(int a,
                  void (*say)(void *context, const char *text), rb_error *error)
    __attribute__((format(printf, 1, 2)));
__attribute__((unused)) static inline int rb_inline(int a)
{
    if (a) { return rb_plain(); }
    return 1;
}
int rb_after_inline(void);
extern const rb_env_class rb_env_export;
#ifdef __cplusplus
}
#endif
"""
NAMES = {"rb_plain", "rb_pointer", "rb_long", "rb_after_inline"}


class Symbols(unittest.TestCase):
    def test_declared(self):
        self.assertEqual(symbols.declared(HEADER), NAMES)

    def compare(self, shown):
        """symbols.py with a library of 60 functions, and an nm that lists these names."""
        with tempfile.TemporaryDirectory() as place:
            os.mkdir(os.path.join(place, "rainbow"))
            with open(os.path.join(place, "rainbow", "all.h"), "w", encoding="utf-8") as file:
                file.writelines(f"int rb_f{i}(void);\n" for i in range(60))
            nm = os.path.join(place, "nm")
            with open(nm, "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\ncat <<END\n" + "".join(f"0000 T {name}\n" for name in shown) + "END\n")
            os.chmod(nm, stat.S_IRWXU)
            return subprocess.run([sys.executable, symbols.__file__, nm, place, "one.so", "one.a"], capture_output=True, text=True, check=False)

    def test_both_directions(self):
        names = [f"rb_f{i}@@RAINBOW_0" for i in range(60)]
        self.assertEqual(self.compare(names + ["RAINBOW_0"]).returncode, 0)
        less, more = self.compare(names[1:]), self.compare(names + ["rb_ring_open"])
        self.assertEqual((less.returncode, more.returncode), (1, 1))
        self.assertIn("one.so: rb_f0 is declared in a public header, but not shown", less.stdout)
        self.assertIn("one.a: rb_ring_open is shown, but no public header declares it", more.stdout)


if __name__ == "__main__":
    unittest.main()
