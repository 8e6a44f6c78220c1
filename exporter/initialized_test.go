package exporter

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestTouchInitialized(t *testing.T) {
	file := filepath.Join(t.TempDir(), ".aws-xray", "initialized")
	t.Setenv("LAMBDA_TASK_ROOT", "")
	touchInitialized(file)
	if _, err := os.Stat(file); err == nil {
		t.Error("touched outside Lambda")
	}
	t.Setenv("LAMBDA_TASK_ROOT", "/var/task")
	touchInitialized(file)
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
	old := time.Unix(1, 0)
	if err := os.Chtimes(file, old, old); err != nil {
		t.Fatal(err)
	}
	touchInitialized(file)
	if info, err := os.Stat(file); err != nil || info.ModTime().Equal(old) {
		t.Errorf("time not renewed: %v, %v", info, err)
	}
}
