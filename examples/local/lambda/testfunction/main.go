// Package testfunction is a Lambda function that does what its event says. Test
// binaries run themselves as it.
package testfunction

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// Variables of the process's environment.
const (
	// EnvKind is echo, or init or init error for one that fails to initialize.
	EnvKind = "LOCAL_TEST_FUNCTION"
	// EnvPidFile names a file for the ids of the process and of its child.
	EnvPidFile = "LOCAL_TEST_PID_FILE"
)

// Answer is what the function answers.
type Answer struct{ Do, Header, Started, Client string }

// Main runs the function and ends the process, if the environment asks for it.
func Main() {
	extension()
	kind := os.Getenv(EnvKind)
	if kind == "" {
		return
	}
	if file := os.Getenv(EnvPidFile); file != "" {
		// A grandchild, as a shell script's or a sidecar's, in our process group.
		child := exec.Command("sleep", "600")
		if err := child.Start(); err != nil {
			panic(err)
		}
		pids := fmt.Sprintln(os.Getpid(), child.Process.Pid)
		if err := os.WriteFile(file+".new", []byte(pids), 0o600); err != nil {
			panic(err)
		}
		os.Rename(file+".new", file) // complete as soon as it is there
	}
	if kind == "init" {
		fmt.Println("\x1b[2Jno configuration")
		os.Exit(3)
	}
	if kind == "init error" { // as a runtime of another language reports it
		req, err := http.NewRequest("POST", "http://"+os.Getenv("AWS_LAMBDA_RUNTIME_API")+"/2018-06-01/runtime/init/error",
			strings.NewReader(`{"errorMessage":"no configuration","errorType":"Function.NoConfiguration","stackTrace":["main.py:1"]}`))
		if err != nil {
			panic(err)
		}
		req.Header.Set("Lambda-Runtime-Function-Error-Type", "Function.NoConfiguration")
		if _, err := http.DefaultClient.Do(req); err != nil {
			panic(err)
		}
		os.Exit(1)
	}
	started := strconv.FormatInt(time.Now().UnixNano(), 10)
	lambda.Start(func(ctx context.Context, event struct{ Do string }) (any, error) {
		fmt.Println("do", event.Do)
		switch event.Do {
		case "fail":
			return nil, errors.New("failed as asked")
		case "exit":
			os.Exit(1)
		case "break":
			return io.MultiReader(strings.NewReader("half"), breaking{}), nil
		case "stream": // the second half comes when the first has been read
			r, w := io.Pipe()
			go func() {
				w.Write([]byte("first "))
				w.Write([]byte("second"))
				w.Close()
			}()
			return r, nil
		case "hang":
			select {}
		}
		lc, _ := lambdacontext.FromContext(ctx)
		header, _ := ctx.Value("x-amzn-trace-id").(string)
		return Answer{Do: event.Do, Header: header, Started: started, Client: lc.ClientContext.Client.AppTitle}, nil
	})
}

// breaking is a stream that cannot be read.
type breaking struct{}

func (breaking) Read([]byte) (int, error) { return 0, errors.New("pipe burst") }
