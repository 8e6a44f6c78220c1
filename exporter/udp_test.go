package exporter

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

func TestNewUDPEmitter(t *testing.T) {
	d := xraytest.NewDaemon(t)
	e, err := NewUDPEmitter("tcp:127.0.0.1:1 udp:" + d.Addr())
	if err != nil {
		t.Fatal(err)
	}
	want := docs(2, 0)
	if err := e.Emit(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Wait(t.Context(), 2); err != nil || !slices.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("received %q, %v", got, err)
	}
	if err := e.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.Emit(t.Context(), want); !errors.Is(err, errShutdown) {
		t.Errorf("after Shutdown: %v", err)
	}

	for address, want := range map[string]string{
		"":          `exporter: address is "": it holds 0 addresses; write host:port`,
		"127.0.0.1": `exporter: address is "127.0.0.1": missing port in address; write host:port`,
	} {
		if e, err := NewUDPEmitter(address); e != nil || err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, %v; want the error %q", address, e, err, want)
		}
	}
}
