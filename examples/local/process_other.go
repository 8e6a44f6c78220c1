//go:build !linux

package main

import (
	"os"
	"syscall"
)

func childAttributes() *syscall.SysProcAttr { return nil }

func signalGroup(p *os.Process, sig syscall.Signal) {
	if sig == syscall.SIGKILL || p.Signal(sig) != nil {
		_ = p.Kill()
	}
}

// freeze does nothing here: the function keeps running between invocations.
func (p *process) freeze() {}

func (p *process) thaw() {}
