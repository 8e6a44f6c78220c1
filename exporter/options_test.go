package exporter

import (
	"strings"
	"testing"

	"github.com/lambdaxray/lambdaxray/exporter/internal/udp"
)

func TestNewReadsDaemonAddress(t *testing.T) {
	address := func(e *Exporter, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return e.emitter.(*udpEmitter).Address()
	}
	t.Setenv(udp.EnvAddress, "")
	if got := address(New()); got != "127.0.0.1:2000" {
		t.Errorf("without a setting: %s", got)
	}
	t.Setenv(udp.EnvAddress, "tcp:10.0.0.1:1 udp:10.0.0.1:2")
	if got := address(New()); got != "10.0.0.1:2" {
		t.Errorf("from the environment: %s", got)
	}
	if got := address(New(WithDaemonAddress("10.0.0.3:3"))); got != "10.0.0.3:3" {
		t.Errorf("the option does not come first: %s", got)
	}
	t.Setenv(udp.EnvAddress, "nonsense")
	if _, err := New(); err == nil || !strings.Contains(err.Error(), udp.EnvAddress) {
		t.Errorf("the error does not name the variable: %v", err)
	}
	if _, err := New(WithDaemonAddress("nonsense")); err == nil || !strings.Contains(err.Error(), "WithDaemonAddress") {
		t.Errorf("the error does not name the option: %v", err)
	}
	if _, err := New(WithEmitter(NewWriterEmitter(nil))); err != nil {
		t.Errorf("another emitter and still the variable is read: %v", err)
	}
	if _, err := New(WithEmitter(NewWriterEmitter(nil)), WithDaemonAddress("h:1")); err == nil {
		t.Error("two ways out and no error")
	}
}
