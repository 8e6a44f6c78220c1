package otlpjson_test

import (
	"fmt"

	"github.com/lambdaxray/lambdaxray/mapping"
	"github.com/lambdaxray/lambdaxray/mapping/otlpjson"
	"github.com/lambdaxray/lambdaxray/mapping/segment"
)

func ExampleUnmarshal() {
	spans, err := otlpjson.Unmarshal([]byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{
		"traceId":"6ae729c0a006649127e371903a2de979","spanId":"00f067aa0ba902b7","name":"checkout","kind":2,
		"startTimeUnixNano":"1793534400000000000","endTimeUnixNano":"1793534400250000000"
	}]}]}]}`))
	if err != nil {
		fmt.Println(err) // the spans that could be read are there all the same
	}
	docs, err := mapping.New().AppendDocuments(nil, spans)
	if err != nil {
		fmt.Println(err)
	}
	for _, doc := range docs {
		d, err := segment.Parse(doc)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(d.Name, d.TraceID, d.StartTime, d.EndTime)
	}
	// Output: checkout 1-6ae729c0-a006649127e371903a2de979 1793534400 1793534400.25
}
