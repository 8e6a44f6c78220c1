package xray

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http/httptrace"
	"sync"
	"time"
)

// HTTPSubsegments makes subsegments of what [httptrace.ClientTrace] says about a
// request: connect (with dns, dial and tls beneath it), request and response. A
// connection that is reused has no connect. It is safe for concurrent use.
type HTTPSubsegments struct {
	ctx context.Context // the request's

	mu       sync.Mutex
	asked    time.Time // for a connection; zero: not
	connect  phase
	dns      phase
	dial     phase
	tls      phase
	request  phase
	response phase
}

// phase is a subsegment, nil if it has not begun.
type phase struct {
	ctx context.Context
	seg *Segment
}

func (p *phase) begin(ctx context.Context, name string, at time.Time) {
	p.ctx, p.seg = beginAt(ctx, name, at)
}

// close ends the phase, if it is open, with metadata in namespace http.
func (p *phase) close(key string, metadata map[string]any, err error) {
	if p.seg == nil {
		return
	}
	if key != "" {
		_ = p.seg.AddMetadataToNamespace("http", key, metadata) // never fails
	}
	p.seg.Close(err)
	p.seg = nil
}

// NewHTTPSubsegments returns the subsegments of a request with the context opCtx.
func NewHTTPSubsegments(opCtx context.Context) *HTTPSubsegments {
	return &HTTPSubsegments{ctx: opCtx}
}

// going locks and reports whether the request is still going on: its connection
// may be made for the next one.
func (t *HTTPSubsegments) going() bool {
	t.mu.Lock()
	return GetSegment(t.ctx).inProgress()
}

// GetConn notes that a connection is asked for.
func (t *HTTPSubsegments) GetConn(hostPort string) {
	defer t.mu.Unlock()
	if t.going() {
		t.asked = time.Now()
	}
}

// connecting begins connect, since there is no connection to reuse.
func (t *HTTPSubsegments) connecting() bool {
	if t.asked.IsZero() {
		return false
	}
	if t.connect.ctx == nil {
		t.connect.begin(t.ctx, "connect", t.asked)
	}
	return true
}

// DNSStart begins dns.
func (t *HTTPSubsegments) DNSStart(info httptrace.DNSStartInfo) {
	defer t.mu.Unlock()
	if t.going() && t.connecting() {
		t.dns.begin(t.connect.ctx, "dns", time.Now())
	}
}

// DNSDone ends dns.
func (t *HTTPSubsegments) DNSDone(info httptrace.DNSDoneInfo) {
	defer t.mu.Unlock()
	if t.going() {
		t.dns.close("dns", map[string]any{"addresses": info.Addrs, "coalesced": info.Coalesced}, info.Err)
	}
}

// ConnectStart begins dial.
func (t *HTTPSubsegments) ConnectStart(network, addr string) {
	defer t.mu.Unlock()
	if t.going() && t.connecting() && t.dial.seg == nil { // of several addresses at once the first
		t.dial.begin(t.connect.ctx, "dial", time.Now())
	}
}

// ConnectDone ends dial.
func (t *HTTPSubsegments) ConnectDone(network, addr string, err error) {
	defer t.mu.Unlock()
	if t.going() {
		t.dial.close("connect", map[string]any{"network": network}, err)
	}
}

// TLSHandshakeStart begins tls.
func (t *HTTPSubsegments) TLSHandshakeStart() {
	defer t.mu.Unlock()
	if t.going() && t.connecting() {
		t.tls.begin(t.connect.ctx, "tls", time.Now())
	}
}

// TLSHandshakeDone ends tls.
func (t *HTTPSubsegments) TLSHandshakeDone(connState tls.ConnectionState, err error) {
	defer t.mu.Unlock()
	if t.going() {
		t.tls.close("tls", map[string]any{
			"did_resume":                    connState.DidResume,
			"negotiated_protocol":           connState.NegotiatedProtocol,
			"negotiated_protocol_is_mutual": true, // always, since Go 1.16
			"cipher_suite":                  connState.CipherSuite,
		}, err)
	}
}

// GotConn ends connect and begins request.
func (t *HTTPSubsegments) GotConn(info *httptrace.GotConnInfo, err error) {
	defer t.mu.Unlock()
	if !t.going() || t.asked.IsZero() {
		return
	}
	if info != nil && !info.Reused && t.connecting() {
		m := map[string]any{"reused": info.Reused, "was_idle": info.WasIdle}
		if info.WasIdle {
			m["idle_time"] = info.IdleTime
		}
		t.connect.close("connection", m, err)
	} else {
		t.connect.close("", nil, err)
	}
	if err == nil {
		t.request.begin(t.ctx, "request", time.Now())
	}
}

// WroteRequest ends request and begins response.
func (t *HTTPSubsegments) WroteRequest(info httptrace.WroteRequestInfo) {
	defer t.mu.Unlock()
	if !t.going() {
		return
	}
	if t.request.seg != nil {
		t.request.close("", nil, info.Err)
		t.response.begin(t.ctx, "response", time.Now())
	}
	t.connect.close("", nil, nil)
}

// GotFirstResponseByte ends response.
func (t *HTTPSubsegments) GotFirstResponseByte() {
	defer t.mu.Unlock()
	if t.going() {
		t.response.close("", nil, nil)
	}
}

func (t *HTTPSubsegments) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:              t.GetConn,
		DNSStart:             t.DNSStart,
		DNSDone:              t.DNSDone,
		ConnectStart:         t.ConnectStart,
		ConnectDone:          t.ConnectDone,
		TLSHandshakeStart:    t.TLSHandshakeStart,
		TLSHandshakeDone:     t.TLSHandshakeDone,
		GotConn:              func(info httptrace.GotConnInfo) { t.GotConn(&info, nil) },
		WroteRequest:         t.WroteRequest,
		GotFirstResponseByte: t.GotFirstResponseByte,
	}
}

// ClientTrace is an [httptrace.ClientTrace] that makes [HTTPSubsegments].
type ClientTrace struct {
	subsegments *HTTPSubsegments
}

// NewClientTrace returns one for a request with the context opCtx; without a
// context it returns an error. Put it into the request's context with
// [WithClientTrace].
func NewClientTrace(opCtx context.Context) (*ClientTrace, error) {
	if opCtx == nil {
		return nil, errors.New("opCtx must be non-nil")
	}
	return &ClientTrace{NewHTTPSubsegments(opCtx)}, nil
}

// WithClientTrace returns ctx with ct in it. [RoundTripper] needs none.
func WithClientTrace(ctx context.Context, ct *ClientTrace) context.Context {
	return httptrace.WithClientTrace(ctx, ct.subsegments.trace())
}
