package testfunction

import (
	"bytes"
	"os"
	"strconv"
	"time"
)

// Gone waits a little for a process that was killed to be reaped by init, and
// reports whether it has been. Linux only.
func Gone(pid int) bool {
	for range 200 {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err != nil || bytes.Contains(stat, []byte(") Z ")) {
			return true
		}
		time.Sleep(5 * time.Millisecond)
	}
	return false
}
