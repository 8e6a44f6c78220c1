package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/lambdaxray/lambdaxray/examples/local/lambda"
	"github.com/lambdaxray/lambdaxray/exporter/xraytest"
)

const (
	// npmLimit is how long the packages may take the first time: without a network npm
	// would try for minutes.
	npmLimit = time.Minute
	// nodeInit is what the function may take to start. Lambda's limit is 10 s, of a
	// machine that does nothing else.
	nodeInit = time.Minute
)

// nodeVersion is what the AWS SDK for JavaScript wants at least.
const nodeVersion = 20

// nodeName is the name of the Node.js function.
const nodeName = "orders-nodejs"

// nodeFunction is the Node.js function of the extension's SAM template, with its packages
// in the user's cache and the extension beside it. It is made ready while the scenarios
// run.
type nodeFunction struct {
	ready     chan struct{} // closed when the rest is set
	err       error         // why it cannot run
	dir       string        // its sources
	modules   string        // node_modules
	extension string        // the executable
}

// startNode begins to make the function ready; what is built goes to dir.
func startNode(ctx context.Context, dir string) *nodeFunction {
	n := &nodeFunction{ready: make(chan struct{})}
	go func() {
		defer close(n.ready)
		n.err = n.prepare(ctx, dir)
	}()
	return n
}

func (n *nodeFunction) prepare(ctx context.Context, dir string) error {
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("there is no %s in PATH", tool)
		}
	}
	version, err := exec.CommandContext(ctx, "node", "--version").Output()
	if err != nil {
		return fmt.Errorf("node --version: %w", err)
	}
	var major int
	if _, err := fmt.Sscanf(string(version), "v%d.", &major); err != nil || major < nodeVersion {
		return fmt.Errorf("node is %s, the packages want v%d or newer", bytes.TrimSpace(version), nodeVersion)
	}
	examples, err := moduleDir()
	if err != nil {
		return err
	}
	source := filepath.Join(filepath.Dir(examples), "exporter", "lambdaextension")
	n.dir = filepath.Join(source, "sam", "nodejs")
	n.extension = filepath.Join(dir, "lambdaxray")
	build := exec.Command("go", "build", "-o", n.extension, ".")
	build.Dir = source
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if err := runTool(ctx, build); err != nil {
		return fmt.Errorf("build the extension: %w", err)
	}
	n.modules, err = installPackages(ctx, n.dir)
	return err
}

// installPackages returns the node_modules that the lock file in source names: from the
// user's cache, or from npm into it. No script of a package runs.
func installPackages(ctx context.Context, source string) (modules string, err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("packages have no place: %w", err)
	}
	cache = filepath.Join(cache, "lambdaxray")
	hash := sha256.New()
	files := map[string][]byte{}
	for _, name := range []string{"package.json", "package-lock.json"} {
		if files[name], err = os.ReadFile(filepath.Join(source, name)); err != nil {
			return "", err
		}
		hash.Write(files[name])
	}
	dir := filepath.Join(cache, fmt.Sprintf("node-%x", hash.Sum(nil)[:6]))
	modules = filepath.Join(dir, "node_modules")
	if _, err := os.Stat(modules); err == nil {
		return modules, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	fresh, err := os.MkdirTemp(cache, "new-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(fresh) // nothing if it was moved
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(fresh, name), text, 0o644); err != nil {
			return "", err
		}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, npmLimit, fmt.Errorf("it took longer than %v", npmLimit))
	defer cancel()
	npm := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=0")
	npm.Dir = fresh
	if err := runTool(ctx, npm); err != nil {
		return "", fmt.Errorf("npm ci: %w", err)
	}
	if err := os.Rename(fresh, dir); err != nil {
		if _, there := os.Stat(modules); there != nil { // another run was faster
			return "", err
		}
	}
	return modules, nil
}

// runTool runs cmd until ctx is done, with all that it starts. The error has the first
// line that it printed.
func runTool(ctx context.Context, cmd *exec.Cmd) error {
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	p, err := lambda.StartProcess(cmd)
	if err != nil {
		return err
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		p.Kill()
		return context.Cause(ctx)
	}
	if !cmd.ProcessState.Success() {
		line, _, _ := bytes.Cut(bytes.TrimSpace(output.Bytes()), []byte("\n"))
		return fmt.Errorf("%s: %s", p.State(), line)
	}
	return nil
}

// playNode runs the function, or says in a line why it does not run.
func (l *local) playNode(ctx context.Context) ([]shownTrace, error) {
	select {
	case <-l.node.ready:
	default:
		done := l.step("packages for the Node.js function, from npm (a minute at most, the first time)")
		select {
		case <-l.node.ready:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		done(l.node.err)
	}
	if l.node.err != nil {
		l.say("the Node.js function does not run: %s", clean(l.node.err.Error()))
		return nil, nil
	}
	t, err := l.playOne(ctx, l.nodeScenario())
	return []shownTrace{t}, err
}

// nodeScenario returns the scenario of the Node.js function. It starts a platform of its
// own, and ends it: what Lambda itself measured comes at the end.
func (l *local) nodeScenario() scenario {
	n := l.node
	return scenario{
		title: "Node.js function, with the extension",
		note:  "OTLP in, X-Ray out. What Lambda measured of it, as runtimeDone and report, comes after it.",
		run: func(ctx context.Context, _ *lambda.Platform, s *stubs) (lambda.Outcome, error) {
			port, err := freePort()
			if err != nil {
				return lambda.Outcome{}, err
			}
			fn := xraytest.Function{
				Name: nodeName, Timeout: max(l.timeout, 10*time.Second), DaemonAddress: l.xray.daemon.Addr(),
				TaskRoot: n.dir, Handler: "index.handler",
			}
			command := []string{"node", "--require", filepath.Join(n.dir, "local.js"), "--require", filepath.Join(n.dir, "tracing.js"),
				filepath.Join(n.modules, "aws-lambda-ric", "bin", "index.mjs"), fn.Handler}
			env := append(s.env(), "PATH="+os.Getenv("PATH"), "NODE_PATH="+n.modules,
				"LAMBDAXRAY_OTLP_HTTP="+port, "LAMBDAXRAY_OTLP_GRPC=off", "LAMBDAXRAY_TELEMETRY=127.0.0.1:0",
				"OTEL_EXPORTER_OTLP_ENDPOINT=http://"+port)
			p := lambda.New(fn, command, env, l.xray, l.logs)
			p.Extensions, p.InitTimeout = []string{n.extension}, nodeInit
			defer p.Retire(ctx)
			return p.Call(ctx, lambda.Request{Payload: []byte(`{"id":"1014","item":"tea"}`)})
		},
	}
}

// freePort returns a port of loopback that is free now: 4318 may be a Collector's.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
