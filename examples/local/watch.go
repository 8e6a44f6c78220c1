package main

import (
	"context"
	"os"
	"os/exec"
	"time"
)

// watchPause is how often an executable is looked at.
const watchPause = 300 * time.Millisecond

// watch calls changed each time the executable has changed and then rested.
func watch(ctx context.Context, command string, changed func()) {
	path, err := exec.LookPath(command)
	if err != nil {
		return // it was found before; then nothing is to be watched
	}
	tick := time.NewTicker(watchPause)
	defer tick.Stop()
	known, last := stampOf(path), stampOf(path)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := stampOf(path)
		if now != known && now == last && now != (stamp{}) {
			known = now
			changed()
		}
		last = now
	}
}

// stamp is what changes when a file is written; zero while there is none.
type stamp struct {
	size int64
	time int64
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{info.Size(), info.ModTime().UnixNano()}
}
