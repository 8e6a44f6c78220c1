package xray

import (
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/lambdaxray/lambdaxray/xray/internal/logger"
)

// Close ends the segment, with an error if err is not nil: then it is a fault. The
// fields are read now. A second Close does nothing.
//
// A segment without a parent in this process is sent before Close returns,
// together with what has ended beneath it.
func (seg *Segment) Close(err error) {
	if seg == nil || seg.foreign || SdkDisabled() {
		return
	}
	seg.close(err)
	if seg.parent != nil {
		seg.parent.forget(seg)
	}
}

// CloseAndStream is Close. When a document is sent is decided by size and not by
// hand.
func (seg *Segment) CloseAndStream(err error) { seg.Close(err) }

func (seg *Segment) close(err error) {
	seg.Lock()
	if seg.closed {
		seg.Unlock()
		return
	}
	seg.closed = true
	now := time.Now()
	seg.EndTime = seconds(now)
	seg.InProgress = false
	if err != nil {
		seg.addError(err)
	}
	if seg.diverted != nil {
		seg.Unlock()
		seg.divert()
		return
	}
	seg.checkBegun()
	if seg.parent == nil && seg.begun.sampled && !seg.Sampled {
		output.drop(seg.begun.traceID)
		defer output.keep(seg.begun.traceID)
	}
	if seg.span.IsRecording() {
		seg.describe()
		seg.Emitted = true
	}
	span := seg.span
	seg.Unlock()
	span.End(trace.WithTimestamp(now)) // the last one sends
}

// checkBegun reports what the program has written and a span cannot take over: ids
// and start are fixed from the start.
func (seg *Segment) checkBegun() {
	if !seg.Sampled || !seg.begun.sampled {
		return
	}
	for _, f := range [...]struct{ field, was, is string }{
		{"TraceID", seg.begun.traceID, seg.TraceID},
		{"ID", seg.begun.id, seg.ID},
		{"ParentID", seg.begun.parentID, seg.ParentID},
	} {
		if f.was != f.is {
			once(f.field, "Segment %q: %s was set to %q and is sent as %q: ids are fixed when a segment begins; use NewSegmentFromHeader", seg.Name, f.field, f.is, f.was)
		}
	}
	if seg.begun.startTime != seg.StartTime {
		once("StartTime", "Segment %q: StartTime was set, and is sent as it was: it is fixed when a segment begins", seg.Name)
	}
}

// once logs a warning the first time that there is one of its kind.
func once(kind, format string, args ...any) {
	if _, said := warned.LoadOrStore(kind, true); !said {
		logger.Warnf(format, args...)
	}
}
