package extension

import (
	"strings"
	"testing"
)

// A setting that is not understood is said and has no effect.
func TestBadSettings(t *testing.T) {
	b := newBench(t, map[string]string{EnvDaemon: "nonsense", EnvKeep: "all", envInitializationType: "on-demand"})
	b.proc = t.TempDir()
	if status, _ := b.post(function("")); status != 200 {
		t.Errorf("%d", status)
	}
	if log := b.log.String(); !strings.Contains(log, EnvDaemon) || !strings.Contains(log, EnvKeep) {
		t.Errorf("%s", log)
	}
}
