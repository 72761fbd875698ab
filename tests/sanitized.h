// Whether a sanitizer watches this program: then a test repeats less, because the same lines of code once
// more show it nothing new. gcc defines a macro for each sanitizer, clang answers __has_feature.
#ifndef RB_TEST_SANITIZED_H
#define RB_TEST_SANITIZED_H

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#endif
