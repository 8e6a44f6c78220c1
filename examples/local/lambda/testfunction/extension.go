package testfunction

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// ExtensionName is the file name under which the process is an extension.
const ExtensionName = "testextension"

// extension registers as an extension and writes the events that it is told, a line
// each, to the file of its name and ".events", and what the Telemetry API sends to
// ".telemetry".
func extension() {
	if filepath.Base(os.Args[0]) != ExtensionName {
		return
	}
	base := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API")
	log, telemetry := open(".events"), open(".telemetry")
	call := func(method, path, key, value, body string) (http.Header, []byte) {
		req, err := http.NewRequest(method, base+path, strings.NewReader(body))
		if err != nil {
			panic(err)
		}
		req.Header.Set(key, value)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			panic(err)
		}
		defer resp.Body.Close()
		answer, err := io.ReadAll(resp.Body)
		if err != nil {
			panic(err)
		}
		return resp.Header, answer
	}
	const register, next = "/2020-01-01/extension/register", "/2020-01-01/extension/event/next"
	head, _ := call("POST", register, "Lambda-Extension-Name", ExtensionName, `{"events":["INVOKE","SHUTDOWN"]}`)
	id := head.Get("Lambda-Extension-Identifier")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go http.Serve(l, http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		io.Copy(telemetry, req.Body)
		fmt.Fprintln(telemetry)
	}))
	_, answer := call("PUT", "/2022-07-01/telemetry", "Lambda-Extension-Identifier", id, fmt.Sprintf(
		`{"schemaVersion":"2025-01-29","types":["platform","function"],"buffering":{"timeoutMs":25},"destination":{"protocol":"HTTP","URI":"http://sandbox.localdomain:%d"}}`,
		l.Addr().(*net.TCPAddr).Port))
	fmt.Fprintf(log, "subscribed %s\n", answer)
	fmt.Fprintf(log, "daemon %q\n", os.Getenv("AWS_XRAY_DAEMON_ADDRESS"))
	for {
		_, event := call("GET", next, "Lambda-Extension-Identifier", id, "")
		fmt.Fprintf(log, "%s\n", bytes.TrimSpace(event))
		if bytes.Contains(event, []byte("SHUTDOWN")) {
			os.Exit(0)
		}
	}
}

func open(ending string) *os.File {
	f, err := os.OpenFile(os.Args[0]+ending, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	return f
}
