//go:build unix

package lambda

import (
	"os"
	"syscall"
)

func childAttributes() *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(a)
	return a
}

func signalGroup(p *os.Process, sig syscall.Signal) { _ = syscall.Kill(-p.Pid, sig) }

// freeze stops the process between two invocations, as Lambda does.
func (p *Process) freeze() { p.signal(syscall.SIGSTOP) }

func (p *Process) thaw() { p.signal(syscall.SIGCONT) }
