package lambda

import "syscall"

// dieWithParent has the kernel end the child with us, even if we are killed.
func dieWithParent(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGKILL }
