package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

// The test binary is also the function that the tests run, and, for the tests
// that interrupt it, the command itself.
const (
	envFunction = "LOCAL_TEST_FUNCTION"
	envMain     = "LOCAL_TEST_MAIN"
	envPidFile  = "LOCAL_TEST_PID_FILE"
)

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(envFunction) != "":
		functionMain(os.Getenv(envFunction))
	case os.Getenv(envMain) != "":
		os.Unsetenv(envMain)
		os.Setenv(envFunction, "echo")
		main()
	default:
		os.Exit(m.Run())
	}
}

// functionMain is a function that does what its event says.
func functionMain(kind string) {
	if file := os.Getenv(envPidFile); file != "" {
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
	started := strconv.FormatInt(time.Now().UnixNano(), 10)
	lambda.Start(func(ctx context.Context, event struct{ Do string }) (any, error) {
		fmt.Println("do", event.Do)
		switch event.Do {
		case "fail":
			return nil, errors.New("failed as asked")
		case "exit":
			os.Exit(1)
		case "break":
			return io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errors.New("pipe burst"))), nil
		case "hang":
			select {}
		}
		lc, _ := lambdacontext.FromContext(ctx)
		return map[string]any{
			"do":      event.Do,
			"header":  ctx.Value("x-amzn-trace-id"),
			"started": started,
			"client":  lc.ClientContext.Client.AppTitle,
		}, nil
	})
}

// testPlatform runs the test function of a kind.
func testPlatform(t *testing.T, kind string) *platform {
	t.Helper()
	x, err := startXRay("")
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	fn := xraytest.Function{Name: "test", Timeout: 10 * time.Second, DaemonAddress: x.daemon.Addr()}
	p := newPlatform(fn, []string{self}, []string{envFunction + "=" + kind}, x, nil)
	t.Cleanup(func() {
		p.close()
		if err := errors.Join(x.close(), x.badDatagrams()); err != nil {
			t.Error(err)
		}
	})
	return p
}

// answer is what the test function answers.
type answer struct{ Do, Header, Started, Client string }

func answerOf(t *testing.T, payload []byte) (a answer) {
	t.Helper()
	if err := json.Unmarshal(payload, &a); err != nil {
		t.Fatalf("the function answered %s: %v", payload, err)
	}
	return a
}
