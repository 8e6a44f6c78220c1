// Command alias writes the modules below replace: the packages of this module,
// under the SDK's module paths. Run it in the module's directory after a change of
// what is exported:
//
//	go run ./internal/alias
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
)

// tree is one of the SDK's modules.
type tree struct {
	dir    string // beneath the module's directory
	module string
	// extra are packages whose identifiers are the SDK's package xray's.
	extra []string
	// moved are identifiers that the SDK has in another package: by our package's
	// folder, those that are left out there.
	moved map[string]map[string]bool
}

var trees = []tree{
	{
		dir:    "replace",
		module: "github.com/aws/aws-xray-sdk-go",
		extra:  []string{"xraygrpc", "xrayfasthttp", "awsv1"},
		moved: map[string]map[string]bool{"instrumentation/awsv2": {
			"RequestIDKey": true, "ExtendedRequestIDKey": true, "S3ExtendedRequestIDHeaderKey": true,
		}},
	},
	{
		dir:    "replace/v2",
		module: "github.com/aws/aws-xray-sdk-go/v2",
		extra:  []string{"xraygrpc", "xrayfasthttp"},
	},
}

// ours is the module's path, and what the SDK calls its root's package.
const ours = "github.com/lambdaxray/lambdaxray/xray"

// packages are the folders of the SDK's packages, and of ours.
var packages = []struct{ theirs, ours string }{
	{"awsplugins/beanstalk", "awsplugins/beanstalk"},
	{"awsplugins/ec2", "awsplugins/ec2"},
	{"awsplugins/ecs", "awsplugins/ecs"},
	{"daemoncfg", "daemoncfg"},
	{"header", "header"},
	{"instrumentation/awsv2", "instrumentation/awsv2"},
	{"lambda", "lambda"},
	{"pattern", "pattern"},
	{"strategy/ctxmissing", "strategy/ctxmissing"},
	{"strategy/exception", "strategy/exception"},
	{"strategy/sampling", "strategy/sampling"},
	{"xray", ""},
	{"xraylog", "xraylog"},
}

func main() {
	log.SetFlags(0)
	for _, t := range trees {
		for _, p := range packages {
			folders := []string{p.ours}
			if p.theirs == "xray" {
				folders = append(folders, t.extra...)
			}
			for _, folder := range folders {
				if err := t.write(p.theirs, folder); err != nil {
					log.Fatal(err)
				}
			}
		}
	}
}

// write writes the file that stands for one of our packages.
func (t tree) write(theirs, folder string) error {
	text, err := t.alias(theirs, folder)
	if err != nil {
		return fmt.Errorf("%s: %w", folder, err)
	}
	dir := filepath.Join(t.dir, theirs)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, fileName(theirs, folder)), text, 0o644)
}

func fileName(theirs, folder string) string {
	if theirs == "xray" && folder != "" {
		return filepath.Base(folder) + ".go"
	}
	return filepath.Base(theirs) + ".go"
}
