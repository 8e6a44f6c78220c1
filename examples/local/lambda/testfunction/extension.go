package testfunction

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// ExtensionName is the file name under which the process is an extension.
const ExtensionName = "testextension"

// extension registers as an extension and writes the events that it is told, a line
// each, to the file of its name and ".events".
func extension() {
	if filepath.Base(os.Args[0]) != ExtensionName {
		return
	}
	base := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2020-01-01/extension/"
	log, err := os.OpenFile(os.Args[0]+".events", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	call := func(method, path, key, value string) (http.Header, []byte) {
		req, err := http.NewRequest(method, base+path, strings.NewReader(`{"events":["INVOKE","SHUTDOWN"]}`))
		if err != nil {
			panic(err)
		}
		req.Header.Set(key, value)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			panic(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			panic(err)
		}
		return resp.Header, body
	}
	head, _ := call("POST", "register", "Lambda-Extension-Name", ExtensionName)
	fmt.Fprintf(log, "daemon %q\n", os.Getenv("AWS_XRAY_DAEMON_ADDRESS"))
	for {
		_, event := call("GET", "event/next", "Lambda-Extension-Identifier", head.Get("Lambda-Extension-Identifier"))
		fmt.Fprintf(log, "%s\n", bytes.TrimSpace(event))
		if bytes.Contains(event, []byte("SHUTDOWN")) {
			os.Exit(0)
		}
	}
}
