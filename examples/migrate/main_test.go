package main

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// prepare copies the cases to where they may change.
func prepare(t *testing.T) string {
	t.Helper()
	t.Setenv("GOWORK", "off")
	t.Setenv("GOFLAGS", "-mod=mod")
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata")); err != nil {
		t.Fatal(err)
	}
	cases := filepath.Join(dir, "cases")
	// One that gofmt would change is not a Go file where gofmt looks.
	layout := filepath.Join(cases, "layout", "layout.go")
	if err := os.Rename(layout+".input", layout); err != nil {
		t.Fatal(err)
	}
	return cases
}

func migrate(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if err := run(args, &stdout, &stderr); err != nil {
		t.Fatalf("migrate %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return stdout.String()
}

// golden compares the Go files of a directory, and what was printed, with the golden
// files of a step.
func golden(t *testing.T, dir, step, printed string) {
	t.Helper()
	compare(t, filepath.Join("testdata", step+".golden"), []byte(printed))
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".go") {
			return err
		}
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		compare(t, filepath.Join("testdata", "cases", name+"."+step+".golden"), got)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func compare(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

func TestReport(t *testing.T) {
	t.Chdir(prepare(t))
	printed := migrate(t, "./...")
	if *update {
		t.Skip("TestSteps writes")
	}
	for _, want := range []string{
		"lambda/main.go:17:6: header.FromString: stays in step one; step two needs a decision",
		"moved/awsv1.go:10:2: xray.AWS: stays in step one; step two needs a decision: aws-sdk-go v1 is out of support",
		"moved/utils.go:5:11: utils.DefaultClock: not in package xray",
		"nested/nested.go:12:9: xray.Capture: stays in step one; step two: lambdaxray.Capture",
		"results/results.go:12:12: xray.AddAnnotation: stays in step one; step two needs a decision: its error is looked at",
		"subsegments/subsegments.go:10:14: xray.BeginSubsegment: stays in step one; step two: otel.Tracer",
		"subsegments/subsegments.go:21:12: xray.BeginSubsegment: stays in step one; step two needs a decision",
	} {
		if !strings.Contains(printed, want) {
			t.Errorf("no %q in\n%s", want, printed)
		}
	}
}

func TestSteps(t *testing.T) {
	for step, args := range map[string][]string{"one": {"-fix"}, "two": {"-otel"}} {
		t.Run(step, func(t *testing.T) {
			wd, err := os.Getwd()
			if err != nil {
				t.Fatal(err)
			}
			dir := prepare(t)
			t.Chdir(dir)
			printed := migrate(t, append(args, "-mod=false", "./...")...)
			t.Chdir(wd)
			golden(t, dir, step, printed)
		})
	}
}

func TestDry(t *testing.T) {
	dir := prepare(t)
	t.Chdir(dir)
	before, err := os.ReadFile("nested/nested.go")
	if err != nil {
		t.Fatal(err)
	}
	if printed := migrate(t, "-fix", "-n", "./nested"); !strings.Contains(printed, "nested/nested.go: changed") {
		t.Errorf("printed %q", printed)
	}
	after, err := os.ReadFile("nested/nested.go")
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("changed, %v", err)
	}
}

func TestErrors(t *testing.T) {
	t.Chdir(prepare(t))
	for name, args := range map[string][]string{
		"one step at a time":                {"-fix", "-otel"},
		"have to compile":                   {"./nosuch"},
		"flag provided but not defined: -x": {"-x"},
	} {
		var stdout, stderr bytes.Buffer
		if err := run(args, &stdout, &stderr); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v: %v", args, err)
		}
	}
}
