package stack

import "testing"

// documentStacks are what awsxrayreceiver v0.158.0 made of documents of the X-Ray SDKs
// for Go and Node.js, and the edges of its form.
var documentStacks = []stackCase{
	{
		"Go", "dynamodb.ResourceNotFoundException", "no table",
		"dynamodb.ResourceNotFoundException: no table\n\tat New.(*defaultExceptionFormattingStrategy).ExceptionFromError(github.com/aws/aws-sdk-go@v1.33.9/aws/request/handlers.go: 267)\n\tat main(sampleapp/sample.go: 36)\n",
		[]wantException{{"dynamodb.ResourceNotFoundException", "no table", false, 0, "", []Frame{
			{"github.com/aws/aws-sdk-go@v1.33.9/aws/request/handlers.go", "New.(*defaultExceptionFormattingStrategy).ExceptionFromError", 267},
			{"sampleapp/sample.go", "main", 36},
		}}},
	},
	{
		"Node.js without lines", "Error", "connect ECONNREFUSED 127.0.0.1:4199",
		"Error: connect ECONNREFUSED 127.0.0.1:4199\n\tat TCPConnectWrap.afterConnect [as oncomplete](node: <unknown>)\n",
		[]wantException{{"Error", "connect ECONNREFUSED 127.0.0.1:4199", false, 0, "", []Frame{{"node", "TCPConnectWrap.afterConnect [as oncomplete]", 0}}}},
	},
	{
		"a message of several lines, frames without names", "", "first\n\tat noon",
		": first\n\tat noon\n\tat (: <unknown>)\n\tat f(C:\\a: b.go: 7)\n",
		[]wantException{{"", "first\n\tat noon", false, 0, "", []Frame{{}, {"C:\\a: b.go", "f", 7}}}},
	},
	{"no frames", "E", "m", "E: m\n", []wantException{{"E", "m", false, 0, "E: m\n", nil}}},
}

func TestStackDocument(t *testing.T) {
	testStack(t, Document, documentStacks)
}
