// Command convert reads spans as OTLP JSON and writes X-Ray segment documents,
// one a line: what the exporter would send of them.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/lambdaxray/lambdaxray/mapping"
)

const usage = `Usage: convert [-indent] [file ...] > documents.jsonl

Reads OTLP JSON, one export request or several one after the other, from the
files, or from standard input if none is named or a name is -. Writes the X-Ray
segment documents of all spans, one a line; spans of one trace belong together,
whichever file they are in.

Exit status: 0, 1 if something could not be read or converted (the rest is
written), 2 for a wrong command line.

`

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run returns the exit status: 0, 1 if something could not be converted, 2 for a
// wrong command line.
func run(args []string, in io.Reader, out, stderr io.Writer) int {
	flags := flag.NewFlagSet("convert", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	indent := flags.Bool("indent", false, "spread each document over several lines")
	names, err := parse(flags, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	if len(names) == 0 {
		names = []string{"-"}
		if terminal(in) {
			fmt.Fprintln(stderr, "convert: reading OTLP JSON from the terminal, to its end (Ctrl-D); convert FILE reads a file")
		}
	}
	if err := convert(names, in, out, *indent); err != nil {
		for line := range bytes.Lines([]byte(err.Error())) {
			fmt.Fprintf(stderr, "convert: %s\n", bytes.TrimRight(line, "\n"))
		}
		return 1
	}
	return 0
}

// parse returns the names among args. Flags may stand behind names.
func parse(flags *flag.FlagSet, args []string) (names []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		if flags.NArg() == 0 {
			return names, nil
		}
		names, args = append(names, flags.Arg(0)), flags.Args()[1:]
	}
}

func terminal(in io.Reader) bool {
	f, ok := in.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// convert writes the documents of all spans that can be read and mapped, also
// when it returns an error about others.
func convert(names []string, in io.Reader, out io.Writer, indent bool) error {
	var spans []mapping.Span
	var errs []error
	for _, name := range names {
		more, err := read(name, in)
		spans, errs = append(spans, more...), append(errs, err)
	}
	docs, err := mapping.New().AppendDocuments(nil, spans)
	errs = append(errs, err)

	w := bufio.NewWriter(out)
	var spread bytes.Buffer
	for _, doc := range docs {
		if indent {
			spread.Reset()
			if err := json.Indent(&spread, doc, "", "  "); err != nil {
				return errors.Join(append(errs, err)...)
			}
			doc = spread.Bytes()
		}
		w.Write(doc) // Flush has the error
		w.WriteByte('\n')
	}
	return errors.Join(append(errs, w.Flush())...)
}
