// A report as one page that stands alone: no script, and nothing from a network or from other files. Its
// content security policy forbids both, so a name that looks like markup could do nothing even if it were not
// escaped (html.h).
#include "base/file.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#include "results/html.h"

static const char style[] =
    ":root{color-scheme:light dark;--ground:#fff;--panel:#f6f7f9;--text:#1c2026;--dim:#5c6470;--line:#d9dde3;"
    "--accent:#0072b2;--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#cc79a7;--c4:#b88400;--c5:#2f9bd6;--c6:#"
    "1c2026}\n"
    "@media(prefers-color-scheme:dark){:root{--ground:#12151b;--panel:#1b1f27;--text:#e6e9ef;--dim:#9aa3b2;"
    "--line:#343a46;--accent:#62b5e5;--c0:#58a6dc;--c1:#f0894d;--c2:#3fc79a;--c3:#e29cc4;--c4:#e8b445;"
    "--c5:#8fd0f5;--c6:#e6e9ef}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--ground);color:var(--text);font:1rem/1.5 system-ui,sans-serif}\n"
    "main{max-width:64rem;margin:0 auto;padding:1.5rem 1rem 4rem}\n"
    "h1{font-size:1.7rem;line-height:1.2;margin:0 0 .5rem}h2{font-size:1.25rem;margin:2.5rem 0 .75rem}"
    "h3{font-size:1rem;margin:1.5rem 0 .5rem}\n"
    "h1,h2,h3,p,li,summary,code{overflow-wrap:anywhere}\n"
    "p,figcaption{color:var(--dim)}small{color:var(--dim);white-space:nowrap}\n"
    ".wide{overflow-x:auto;border:1px solid "
    "var(--line);border-radius:.5rem;background:var(--panel);margin:.5rem 0}\n"
    "table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.9rem}\n"
    "th,td{padding:.4rem .75rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}\n"
    "tr:last-child td{border-bottom:0}th{color:var(--dim);font-weight:600}\n"
    "th:first-child,td:first-child{text-align:left;white-space:normal;overflow-wrap:anywhere;min-width:12rem}"
    "\n"
    "table.words td,table.words th,.words td,.words "
    "th{text-align:left;white-space:normal;overflow-wrap:anywhere}"
    ".words td{min-width:7rem}\n"
    "tr.changed td{font-weight:600}\n"
    "figure{margin:1rem 0}figure svg{display:block;width:100%;min-width:27rem;height:auto}\n"
    ".legend{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;margin:.5rem "
    "0;padding:0;color:var(--text)}\n"
    ".legend svg{display:inline;width:30px;min-width:30px;vertical-align:middle}\n"
    "svg text{fill:var(--dim);font:14px system-ui,sans-serif}\n"
    ".grid{stroke:var(--line);fill:none}.axis{stroke:var(--dim);fill:none}\n"
    ".line{fill:none;stroke-width:2;stroke-linejoin:round}.band{stroke:none;fill-opacity:.18}.dot{stroke:"
    "none}\n"
    ".line.l0{stroke:var(--c0)}.line.l1{stroke:var(--c1)}.line.l2{stroke:var(--c2)}.line.l3{stroke:var(--c3)}"
    ".line.l4{stroke:var(--c4)}.line.l5{stroke:var(--c5)}.line.l6{stroke:var(--c6)}\n"
    ".band.l0,.dot.l0{fill:var(--c0)}.band.l1,.dot.l1{fill:var(--c1)}.band.l2,.dot.l2{fill:var(--c2)}"
    ".band.l3,.dot.l3{fill:var(--c3)}.band.l4,.dot.l4{fill:var(--c4)}.band.l5,.dot.l5{fill:var(--c5)}"
    ".band.l6,.dot.l6{fill:var(--c6)}\n"
    "video{display:block;width:100%;max-width:48rem;border-radius:.5rem}\n"
    "summary{cursor:pointer;padding:.4rem 0}summary:focus-visible,.wide:focus-visible{outline:2px solid "
    "var(--accent)}\n"
    "code{background:var(--panel);padding:.1rem .3rem;border-radius:.25rem}\n";

static void put_title(FILE *to, const rb_report *r)
{
    char title[600] = "Report";
    size_t used = 0;
    for (int g = 0; g < r->group_count && g < 2; g++)
        used += (size_t)snprintf(title + used, sizeof title - used, "%s%.200s", g ? " and " : "",
                                 r->groups[g].name);
    if (r->group_count > 2) snprintf(title, sizeof title, "%d groups of runs", r->group_count);
    rb_html_text(to, title);
}

static void put_page(FILE *to, const rb_html_page *page)
{
    const rb_report *r = page->report;
    char resamples[32];
    fprintf(to, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                "'unsafe-inline'; media-src data:; img-src data:\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<link rel=\"icon\" href=\"data:,\">\n<title>");
    put_title(to, r);
    fprintf(to, "</title>\n<style>\n%s</style></head>\n<body><main>\n<h1>", style);
    put_title(to, r);
    fprintf(to, "</h1>\n<p>%d run%s of %d game%s, by rainbow %s. A run's score is ", r->run_count,
            r->run_count == 1 ? "" : "s", r->game_count, r->game_count == 1 ? "" : "s", RB_VERSION);
    rb_html_text(to, page->score);
    rb_text_thousands(resamples, sizeof resamples, r->resamples);
    fprintf(to, ". Intervals: 95 %%, %s bootstrap resamples of the runs of each game, seed %llu.</p>\n",
            resamples, (unsigned long long)page->seed);
    rb_html_results(to, page);
    rb_html_curves(to, page);
    rb_html_videos(to, page);
    rb_html_settings(to, page);
    rb_html_runs(to, page);
    if (r->remark_count) fprintf(to, "<h2>Notes</h2>\n<ul>\n");
    for (int i = 0; i < r->remark_count; i++) {
        fprintf(to, "<li>");
        rb_html_text(to, r->remarks[i]);
        fprintf(to, "</li>\n");
    }
    if (r->remark_count) fprintf(to, "</ul>\n");
    fprintf(to, "</main></body></html>\n");
}

rb_status rb_report_html(const rb_report *report, const char *file, const char *score, uint64_t seed,
                         rb_error *error)
{
    const rb_html_page page = {report, score, seed};
    char *text = NULL;
    size_t bytes = 0;
    FILE *to = open_memstream(&text, &bytes);
    if (!to) return rb_error_set(error, RB_ERR_MEMORY, "no memory for the page");
    put_page(to, &page);
    const bool written = !ferror(to);
    const bool good = !fclose(to) && written;
    const rb_status status = good ? rb_file_write(file, text, bytes, error)
                                  : rb_error_set(error, RB_ERR_MEMORY, "no memory for the page");
    free(text);
    return status;
}
