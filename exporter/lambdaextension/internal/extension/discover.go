package extension

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
)

// discover sets the variables that Lambda gives the runtime and not the extension
// (the daemon's address, the log group) from the runtime's environment, which the
// kernel shows: both are of one user. By the first export the runtime runs.
//
// A process counts if it has our Runtime API: on a machine of one's own there are
// others with a daemon of theirs.
func discover(proc string, getenv func(string) string) map[string]string {
	api := getenv(envRuntimeAPI)
	if api == "" {
		return nil
	}
	dirs, _ := filepath.Glob(filepath.Join(proc, "[0-9]*")) // a pattern that is good
	for _, dir := range dirs {
		if filepath.Base(dir) == strconv.Itoa(os.Getpid()) {
			continue
		}
		env, err := os.ReadFile(filepath.Join(dir, "environ"))
		if err != nil {
			continue // of another user, or gone
		}
		found := map[string]string{}
		for entry := range bytes.SplitSeq(env, []byte{0}) {
			key, value, _ := bytes.Cut(entry, []byte("="))
			switch string(key) {
			case envRuntimeAPI, envDaemonOfLambda, envLogGroup, envLogStream:
				found[string(key)] = string(value)
			}
		}
		if found[envRuntimeAPI] == api && found[envDaemonOfLambda] != "" {
			return found
		}
	}
	return nil
}
