package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/tools/go/analysis/unitchecker"
)

func main() {
	if underGo(os.Args[1:]) {
		unitchecker.Main(newAnalyzer(nil))
	}
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "migrate:", err)
		}
		os.Exit(1)
	}
}

// underGo reports whether go fix or go vet has started the program: it asks for the
// version or the flags first, and then gives the file of one package.
func underGo(args []string) bool {
	for _, a := range args {
		if strings.HasSuffix(a, ".cfg") || strings.HasPrefix(a, "-V") || a == "-flags" {
			return true
		}
	}
	return false
}

// options are what the command line says.
type options struct {
	fix     bool
	otel    bool
	diff    bool
	mod     bool
	version string
}

func run(args []string, stdout, stderr io.Writer) error {
	var o options
	flags := flag.NewFlagSet("migrate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&o.fix, "fix", false, "step one: change the imports of the SDK to those of package xray of lambdaxray, and go.mod")
	flags.BoolVar(&o.otel, "otel", false, "step two: change what can be to lambdaxray and OpenTelemetry, and go.mod")
	flags.BoolVar(&o.diff, "n", false, "with -fix and -otel: say which files would change, and change none")
	flags.BoolVar(&o.mod, "mod", true, "with -fix and -otel: change go.mod too")
	flags.StringVar(&o.version, "version", "latest", "the version of lambdaxray's modules in go.mod")
	flags.Usage = func() {
		fmt.Fprintf(stderr, "usage: migrate [-fix | -otel] [-n] [-mod=false] [-version v] [packages]\n\n"+
			"Without -fix and -otel it reports what uses aws-xray-sdk-go and what that becomes.\n\n")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if o.fix && o.otel {
		return errors.New("-fix and -otel: one step at a time; -otel does without -fix")
	}
	patterns := flags.Args()
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	found, err := analyze("", patterns, o.otel)
	if err != nil {
		return err
	}
	for _, r := range found.reports {
		if !o.fix || strings.Contains(r, notThere) { // step one needs no decision
			fmt.Fprintln(stdout, r)
		}
	}
	if !o.fix && !o.otel {
		fmt.Fprintf(stdout, "%s\n", found.summary())
		return nil
	}
	changed, err := found.apply(o.diff)
	for _, name := range changed {
		fmt.Fprintf(stdout, "%s: changed\n", name)
	}
	if err != nil || o.diff || !o.mod || len(changed) == 0 {
		return err
	}
	return requireModules("", found.added, o.version, stderr)
}
