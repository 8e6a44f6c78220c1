// Command convert reads spans as OTLP JSON and writes X-Ray segment documents,
// one a line: what the exporter would send of them.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/otlpjson"
)

const usage = `Usage: convert [-indent] < spans.json > documents.jsonl

Reads an OTLP JSON export request (several may follow each other) on standard
input and writes its X-Ray segment documents, one a line.

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
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "convert: %q: spans are read from standard input\n", flags.Arg(0))
		return 2
	}
	if err := convert(in, out, *indent); err != nil {
		fmt.Fprintln(stderr, "convert:", err)
		return 1
	}
	return 0
}

// convert writes the documents of all spans that can be read and mapped, also
// when it returns an error about others.
func convert(in io.Reader, out io.Writer, indent bool) error {
	data, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("standard input: %w", err)
	}
	spans, readErr := otlpjson.Unmarshal(data)
	if len(spans) == 0 && readErr == nil {
		return errors.New("standard input: no spans; want OTLP JSON with resourceSpans")
	}
	docs, mapErr := mapping.New().AppendDocuments(nil, spans)
	var b bytes.Buffer
	for _, doc := range docs {
		if !indent {
			b.Write(doc)
		} else if err := json.Indent(&b, doc, "", "  "); err != nil {
			return err
		}
		b.WriteByte('\n')
	}
	_, writeErr := out.Write(b.Bytes())
	return errors.Join(readErr, mapErr, writeErr)
}
