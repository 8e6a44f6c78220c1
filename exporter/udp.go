package exporter

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/lambdaxray/lambdaxray/exporter/internal/udp"
)

// NewUDPEmitter returns an [Emitter] that writes each document as one datagram to
// the X-Ray daemon at address, which has any form that AWS_XRAY_DAEMON_ADDRESS
// takes; an empty one is an error. It is what an [Exporter] uses by default, for
// those who have documents of their own.
//
// It spaces documents so that the daemon's socket holds them, within an Emit and
// from one to the next. In Lambda (AWS_LAMBDA_FUNCTION_NAME is set) the first
// document of an Emit never waits: invocations do not come faster than the daemon
// reads.
//
// It dials at the first document, and looks a name up again after an error and
// every 30 s. A document above what a datagram holds (65,477 bytes) is lost, and so
// is every document while nobody listens there; the errors of Emit and Shutdown say
// so. What the daemon loses shows nowhere: UDP is silent.
func NewUDPEmitter(address string) (Emitter, error) {
	hostPort, err := udp.ParseAddress("address", address)
	if err != nil {
		return nil, fmt.Errorf("exporter: %w", err)
	}
	return newUDPEmitter(hostPort), nil
}

func newUDPEmitter(address string) *udpEmitter {
	return &udpEmitter{Emitter: udp.New(address), lambda: os.Getenv(envFunctionName) != ""}
}

// udpEmitter is package udp's with the errors of an [Emitter].
type udpEmitter struct {
	*udp.Emitter
	lambda bool
}

func (e *udpEmitter) Emit(ctx context.Context, docs [][]byte) error {
	if e.lambda {
		return emitError(e.EmitNow(ctx, docs))
	}
	return emitError(e.Emitter.Emit(ctx, docs))
}

// emitNow has the first document not wait, and limits how long each may block: for
// a [Processor], which holds up whoever ends a span.
func (e *udpEmitter) emitNow(limit time.Duration, docs [][]byte) error {
	return emitError(e.EmitNowWithin(limit, docs))
}

func (e *udpEmitter) Shutdown(ctx context.Context) error {
	lost, err := e.Emitter.Shutdown(ctx)
	if lost == 0 && err != nil {
		return fmt.Errorf("exporter: %w", err)
	}
	return emitError(lost, err)
}

func emitError(lost int, err error) error {
	if lost == 0 {
		return nil
	}
	return &EmitError{Lost: lost, Err: err}
}
