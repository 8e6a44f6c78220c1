package xraytest

import (
	"math"
	"time"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/propagator"
)

// Events of the Telemetry API, as Lambda sends them.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html

func (r *Runtime) emitInitStart() {
	r.emit("platform", "platform.initStart", map[string]any{
		"initializationType": r.fn.InitializationType, "phase": "init",
		"functionName": r.fn.Name, "functionVersion": r.fn.Version,
		"instanceId": r.fn.LogStream, "instanceMaxMemory": r.fn.MemoryMB << 20,
	})
}

// emitInitDone tells that the runtime has asked for its first event, or of an error.
func (r *Runtime) emitInitDone(errorType string) {
	record := map[string]any{"initializationType": r.fn.InitializationType, "phase": "init", "status": "success"}
	if errorType != "" {
		record["status"], record["errorType"] = "error", errorType
	}
	r.emit("platform", "platform.initRuntimeDone", record)
}

// emitStart tells of an invocation, and before the first one of the initialization as
// a whole; nobody subscribes after that.
func (r *Runtime) emitStart(in *invocation) {
	r.tel.mu.Lock()
	first := !r.tel.closed
	r.tel.mu.Unlock()
	if first {
		in.initTook = later(r.first.at, r.ext.idleSince()).Sub(r.began)
		r.emit("platform", "platform.initReport", map[string]any{
			"initializationType": r.fn.InitializationType, "phase": "init", "status": "success",
			"metrics": map[string]any{"durationMs": millis(in.initTook)},
		})
		r.tel.mu.Lock()
		r.tel.closed, r.tel.early = true, nil
		r.tel.mu.Unlock()
	}
	record := map[string]any{"requestId": in.RequestID, "version": r.fn.Version}
	r.addTracing(record, in)
	r.emit("platform", "platform.start", record)
}

// emitDone tells that the function has answered and asked for more, or was stopped. On
// Managed Instances there is no such event.
func (r *Runtime) emitDone(in *invocation, ended time.Time) {
	in.ended = ended
	record := map[string]any{"requestId": in.RequestID, "metrics": map[string]any{
		"durationMs": millis(ended.Sub(in.started.at)), "producedBytes": len(in.result.Payload),
	}}
	r.addTracing(record, in)
	in.addStatus(record)
	if in.answered() {
		record["spans"] = append(in.responseSpans(), span("runtimeOverhead", in.result.Responded, ended))
	}
	r.emit("platform", "platform.runtimeDone", record)
	r.tel.mu.Lock()
	r.tel.pending = in
	r.tel.mu.Unlock()
}

// emitReport tells of the invocation that is idle, once its extensions are too.
func (r *Runtime) emitReport() {
	r.tel.reporting.Lock()
	defer r.tel.reporting.Unlock()
	r.tel.mu.Lock()
	in := r.tel.pending
	r.tel.pending = nil
	r.tel.mu.Unlock()
	if in == nil {
		return
	}
	ended := later(in.ended, r.ext.idleSince())
	took := millis(ended.Sub(in.started.at))
	metrics := map[string]any{
		"durationMs": took, "billedDurationMs": math.Ceil(took + millis(in.initTook)),
		"memorySizeMB": r.fn.MemoryMB, "maxMemoryUsedMB": r.fn.MemoryMB,
	}
	if in.initTook > 0 {
		metrics["initDurationMs"] = millis(in.initTook)
	}
	record := map[string]any{"requestId": in.RequestID, "metrics": metrics}
	r.addTracing(record, in)
	in.addStatus(record)
	if in.answered() && len(r.Extensions()) > 0 {
		record["spans"] = []any{span("extensionOverhead", in.ended, ended)}
	}
	r.emit("platform", "platform.report", record)
}

// emitConcurrentReport tells of an invocation on Managed Instances.
func (r *Runtime) emitConcurrentReport(in *invocation) {
	record := map[string]any{"requestId": in.RequestID, "metrics": map[string]any{"durationMs": millis(in.result.Responded.Sub(in.started.at))}}
	r.addTracing(record, in)
	in.addStatus(record)
	if in.answered() {
		record["spans"] = in.responseSpans()
	}
	r.emit("platform", "platform.report", record)
}

// addTracing says where a sampled invocation stands: spanId is the segment that Lambda
// writes for the function, the Parent of the header that the function got; value is the
// header before that, with another Parent.
func (r *Runtime) addTracing(record map[string]any, in *invocation) {
	h, err := propagator.ParseHeader(in.TraceHeader)
	if err != nil || h.Sampled != propagator.SamplingYes || !h.Parent.IsValid() {
		return
	}
	id := h.Parent.String()
	h.Parent = mapping.DeriveID(h.Parent, "AWS::Lambda")
	record["tracing"] = map[string]string{"spanId": id, "type": "X-Amzn-Trace-Id", "value": h.String()}
}

// answered reports whether the function itself gave a response or an error.
func (in *invocation) answered() bool { return !in.stopped && !in.responding.IsZero() }

func (in *invocation) addStatus(record map[string]any) {
	status := "success"
	switch {
	case in.result.ErrorType == "Sandbox.Timedout" && in.stopped:
		status = "timeout"
	case in.stopped:
		status = "failure"
	case in.result.FunctionError != "":
		status = "error"
	}
	record["status"] = status
	if status == "failure" || status == "error" {
		record["errorType"] = in.result.ErrorType
	}
}

func (in *invocation) responseSpans() []any {
	return []any{
		span("responseLatency", in.started.at, in.responding),
		span("responseDuration", in.responding, in.result.Responded),
	}
}

func span(name string, start, end time.Time) map[string]any {
	return map[string]any{"name": name, "start": stamp(start), "durationMs": millis(end.Sub(start))}
}

// millis returns milliseconds, with three digits as Lambda has.
func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
