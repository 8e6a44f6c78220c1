//go:build unix && !linux

package lambda

import "syscall"

// dieWithParent can do nothing here: a child outlives us if we are killed
// before we could stop it.
func dieWithParent(*syscall.SysProcAttr) {}
