package exporter

import (
	"bytes"
	"errors"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// loaded is when this package was initialized: early, but after the runtime and
// whatever is imported before it.
var loaded = time.Now()

// maxLoad is how long a process may plausibly take to reach [loaded]. What the
// system says beyond that comes of a clock that was set, or of a restored
// snapshot.
const maxLoad = 10 * time.Second

// processStart returns when the process started, in nanoseconds since the Unix
// epoch.
func (p *Processor) processStart() int64 {
	if !p.config.processStart.IsZero() {
		return p.config.processStart.UnixNano()
	}
	return systemProcessStart()
}

var systemProcessStart = sync.OnceValue(func() int64 {
	age, err := processAge()
	if err != nil {
		return loaded.UnixNano() // not Linux
	}
	start := time.Now().Add(-age)
	if d := loaded.Sub(start); d < 0 || d > maxLoad {
		start = loaded
	}
	return start.UnixNano()
})

// processAge returns how long ago the process started, to 10 ms: the difference
// of /proc/uptime and the starttime of /proc/self/stat.
//
// Source: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
func processAge() (time.Duration, error) {
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0, err
	}
	start, err := parseStartTime(stat)
	if err != nil {
		return 0, err
	}
	uptime, err := os.ReadFile("/proc/uptime")
	if err != nil {
		return 0, err
	}
	up, err := parseUptime(uptime)
	return up - start, err
}

// tick is the unit of starttime: USER_HZ is 100 on every Linux that runs Go.
const tick = 10 * time.Millisecond

// parseStartTime returns the start of the process after boot. starttime is field
// 22; the command, field 2, is in parentheses and may hold anything, so the
// fields are counted from the last closing one.
func parseStartTime(stat []byte) (time.Duration, error) {
	i := bytes.LastIndexByte(stat, ')')
	fields := strings.Fields(string(stat[i+1:]))
	if i < 0 || len(fields) < 20 {
		return 0, errors.New("/proc/self/stat: no field 22")
	}
	n, err := strconv.ParseInt(fields[19], 10, 64)
	if err != nil || n < 0 || n > int64(1<<62/tick) {
		return 0, errors.New("/proc/self/stat: field 22 is no time")
	}
	return time.Duration(n) * tick, nil
}

// parseUptime returns the time since boot, the first field in seconds.
func parseUptime(uptime []byte) (time.Duration, error) {
	first, _, _ := bytes.Cut(uptime, []byte(" "))
	s, err := strconv.ParseFloat(string(bytes.TrimSpace(first)), 64)
	if err != nil || !(s >= 0 && s < 1<<32) {
		return 0, errors.New("/proc/uptime: no time")
	}
	return time.Duration(s * float64(time.Second)), nil
}
