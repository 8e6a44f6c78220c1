package compare

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schemaFile is AWS's schema of segment documents; see README.md.
const schemaFile = "testdata/xray-segmentdocument-schema-v1.0.0.json"

// TestSchema checks the golden documents, and what the mapper makes of all
// inputs, against AWS's schema. The schema has no dots in the keys of annotations;
// X-Ray takes and indexes them.
func TestSchema(t *testing.T) {
	schema := compileSchema(t)
	for _, in := range inputs(t) {
		t.Run(in.name, func(t *testing.T) {
			docs, err := in.options.mapper().AppendDocuments(nil, in.spans)
			if err != nil {
				t.Fatal(err)
			}
			for _, doc := range append(docs, in.segments...) {
				checkSchema(t, schema, doc)
			}
		})
	}
}

// TestSchemaRefuses makes sure that the schema is really applied.
func TestSchemaRefuses(t *testing.T) {
	schema := compileSchema(t)
	for name, doc := range map[string]string{
		"name":     `{"name":"a*b","id":"0000000000000001","trace_id":"1-6ae729c0-a006649127e371903a2de979","start_time":1,"end_time":2}`,
		"no id":    `{"name":"a","trace_id":"1-6ae729c0-a006649127e371903a2de979","start_time":1,"end_time":2}`,
		"trace_id": `{"name":"a","id":"0000000000000001","trace_id":"6ae729c0a006649127e371903a2de979","start_time":1,"end_time":2}`,
		"time":     `{"name":"a","id":"0000000000000001","trace_id":"1-6ae729c0-a006649127e371903a2de979","start_time":"1","end_time":2}`,
	} {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(doc)))
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(v) == nil {
			t.Errorf("%s: passes", name)
		}
	}
}

func checkSchema(t *testing.T, schema *jsonschema.Schema, doc []byte) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		t.Errorf("%v\n%.200s", err, doc)
		return
	}
	withoutDots(v)
	if err := schema.Validate(v); err != nil {
		t.Errorf("%v\n%s", err, doc)
	}
}

// withoutDots replaces the dots in the keys of all annotations of a document.
func withoutDots(v any) {
	document, ok := v.(map[string]any)
	if !ok {
		return
	}
	annotations, _ := document["annotations"].(map[string]any)
	for key, value := range annotations {
		delete(annotations, key)
		annotations[strings.ReplaceAll(key, ".", "_")] = value
	}
	subsegments, _ := document["subsegments"].([]any)
	for _, s := range subsegments {
		withoutDots(s)
	}
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	v, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.UseRegexpEngine(compileECMA)
	if err := c.AddResource(schemaFile, v); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

var unicodeEscape = regexp.MustCompile(`\\u([0-9a-fA-F]{4})`)

// compileECMA compiles a JavaScript pattern. The schema's use nothing that Go
// spells otherwise, except for \uXXXX.
func compileECMA(pattern string) (jsonschema.Regexp, error) {
	re, err := regexp.Compile(unicodeEscape.ReplaceAllString(pattern, `\x{$1}`))
	if err != nil {
		return nil, err
	}
	return re, nil
}
