// Reads what cutting event files back needs of an event (event_files.h). Without protobuf-c there is nothing
// to read.
#include "io/event_files.h"

#ifdef RB_HAVE_PROTOBUF_C
#include <tfevents.pb-c.h>

bool rb_event_read(const uint8_t *data, size_t bytes, rb_event_mark *out)
{
    Rb__Tf__Event *event = rb__tf__event__unpack(NULL, bytes, data);
    if (!event) return false;
    const Rb__Tf__Session *session = event->what_case == RB__TF__EVENT__WHAT_SESSION ? event->session : NULL;
    out->step = event->step;
    out->checkpoint = session && session->status == RB__TF__SESSION__STATUS__CHECKPOINT;
    rb__tf__event__free_unpacked(event, NULL);
    return true;
}
#else
bool rb_event_read(const uint8_t *data, size_t bytes, rb_event_mark *out)
{
    (void)data, (void)bytes, (void)out;
    return false;
}
#endif
