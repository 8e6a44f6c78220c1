package receiver

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/lambdaxray/lambdaxray/exporter/lambdaextension/internal/otlpproto"
)

const servicePrefix = "/opentelemetry.proto.collector."

// signals are OTLP's services.
var signals = map[string]string{
	servicePrefix + "trace.v1.TraceService/Export":     "traces",
	servicePrefix + "metrics.v1.MetricsService/Export": "metrics",
	servicePrefix + "logs.v1.LogsService/Export":       "logs",
}

// grpc answers OTLP/gRPC: one message in, one out.
//
// Source: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
func (r *Receiver) grpc(w http.ResponseWriter, req *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "application/grpc")
	h.Set("Grpc-Accept-Encoding", "gzip")
	signal, known := signals[req.URL.Path]
	if !known {
		end(w, codeUnimplemented, "no service "+req.URL.Path)
		return
	}
	b := newBody()
	defer b.free()
	err := b.read(req.Body, req.ContentLength)
	if err == nil && signal != "traces" {
		r.nowhere(signal)
		writeMessage(w, nil)
		end(w, 0, "")
		return
	}
	if err == nil {
		err = b.unframe(req.Header.Get("Grpc-Encoding"))
	}
	if err != nil {
		r.Log("a request could not be read: %v", err)
		end(w, codeInvalidArgument, err.Error())
		return
	}
	result, err := r.export(b, Protobuf)
	if err != nil {
		end(w, codeInvalidArgument, err.Error())
		return
	}
	var answer []byte
	if result.Rejected > 0 {
		answer = otlpproto.AppendPartialSuccess(nil, result.Rejected, result.Message)
	}
	writeMessage(w, answer)
	end(w, 0, "")
}

const frameHeader = 5 // bytes: compressed or not, and the length

// unframe takes the one message out of its frame.
func (b *body) unframe(encoding string) error {
	if len(b.raw) < frameHeader {
		return fmt.Errorf("%d bytes are no gRPC message", len(b.raw))
	}
	message := b.raw[frameHeader:]
	if n := binary.BigEndian.Uint32(b.raw[1:]); uint64(n) != uint64(len(message)) {
		return fmt.Errorf("a gRPC message of %d bytes says that it has %d", len(message), n)
	}
	switch {
	case b.raw[0] == 0:
		b.from = frameHeader
		return nil
	case b.raw[0] != 1:
		return errors.New("the gRPC message is neither plain nor compressed")
	case encoding != "gzip":
		return unsupported("grpc-encoding", encoding, "gzip or identity")
	}
	return b.inflate(message)
}

func writeMessage(w http.ResponseWriter, message []byte) {
	frame := make([]byte, frameHeader, frameHeader+len(message))
	binary.BigEndian.PutUint32(frame[1:], uint32(len(message)))
	_, _ = w.Write(append(frame, message...)) // a client that is gone has sent its spans
}

// end writes the trailers.
func end(w http.ResponseWriter, code int, message string) {
	h := w.Header()
	h.Set(http.TrailerPrefix+"Grpc-Status", strconv.Itoa(code))
	if message != "" {
		h.Set(http.TrailerPrefix+"Grpc-Message", strings.ReplaceAll(url.QueryEscape(message), "+", "%20"))
	}
}
