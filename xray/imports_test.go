package xray

import (
	"os/exec"
	"strings"
	"testing"
)

// What would be in every binary has a module of its own; here it must not come in
// again.
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dep := range strings.FieldsSeq(string(out)) {
		for _, heavy := range []string{
			"google.golang.org/", "github.com/valyala/", "github.com/aws/aws-sdk-go", "github.com/aws/aws-xray-sdk-go", "github.com/aws/smithy-go", "testing",
		} {
			if strings.HasPrefix(dep, heavy) {
				t.Errorf("package xray depends on %s", dep)
			}
		}
	}
}
