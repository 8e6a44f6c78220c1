package compare

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// missing is what the SDK exports and we do not, with the reason. A name that
// ends in a dot is all that begins with it.
var missing = map[string]string{
	"utils.":     "clocks and random numbers of the SDK's own tests",
	"awserr.":    "of the SDK's own tests",
	"resources.": "files inside the SDK",

	"ec2.Metdata": "misspelt, and used nowhere",

	"sampling.CentralizedManifest":        mirror,
	"sampling.CentralizedReservoir":       mirror,
	"sampling.CentralizedRule":            mirror,
	"sampling.GetSamplingRulesInput":      mirror,
	"sampling.GetSamplingRulesOutput":     mirror,
	"sampling.GetSamplingTargetsInput":    mirror,
	"sampling.GetSamplingTargetsOutput":   mirror,
	"sampling.SamplingRule":               mirror,
	"sampling.SamplingRuleRecord":         mirror,
	"sampling.SamplingStatisticsDocument": mirror,
	"sampling.SamplingTargetDocument":     mirror,
	"sampling.UnprocessedStatistics":      mirror,
}

const mirror = "what the SDK and the daemon say to each other; nobody else has a use for it"

// identifiers returns what the packages of a module export: package.Name,
// package.Type.Member.
func identifiers(t *testing.T, dir string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	deeper, err := filepath.Glob(filepath.Join(dir, "*", "*", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string][]*ast.File{}
	fset := token.NewFileSet()
	for _, file := range append(files, deeper...) {
		folder := filepath.Dir(file)
		rel, _ := filepath.Rel(dir, folder) // both are absolute
		if strings.HasSuffix(file, "_test.go") || strings.Contains(rel, "internal") || strings.Contains(rel, "sample-apps") || strings.Contains(rel, "benchmark") || strings.Contains(rel, "integration") || strings.HasPrefix(rel, "v2") {
			continue
		}
		f, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name.Name != "main" {
			packages[folder] = append(packages[folder], f)
		}
	}
	for _, list := range packages {
		p, err := doc.NewFromFiles(fset, list, "p", doc.AllDecls)
		if err != nil {
			t.Fatal(err)
		}
		add(found, p)
	}
	return found
}

func add(found map[string]bool, p *doc.Package) {
	exported := func(name string) {
		if ast.IsExported(name[strings.LastIndexByte(name, '.')+1:]) {
			found[p.Name+"."+name] = true
		}
	}
	values := func(list []*doc.Value) {
		for _, v := range list {
			for _, name := range v.Names {
				exported(name)
			}
		}
	}
	values(p.Consts)
	values(p.Vars)
	for _, f := range p.Funcs {
		exported(f.Name)
	}
	for _, typ := range p.Types {
		values(typ.Consts)
		values(typ.Vars)
		for _, f := range typ.Funcs {
			exported(f.Name)
		}
		if !ast.IsExported(typ.Name) {
			continue
		}
		exported(typ.Name)
		for _, m := range typ.Methods {
			exported(typ.Name + "." + m.Name)
		}
		for _, spec := range typ.Decl.Specs {
			fields(spec.(*ast.TypeSpec), func(name string) { exported(typ.Name + "." + name) })
		}
	}
}

// fields calls f with the members of a struct or an interface.
func fields(spec *ast.TypeSpec, f func(string)) {
	var list *ast.FieldList
	switch typ := spec.Type.(type) {
	case *ast.StructType:
		list = typ.Fields
	case *ast.InterfaceType:
		list = typ.Methods
	default:
		return
	}
	for _, field := range list.List {
		for _, name := range field.Names {
			f(name.Name)
		}
	}
}

// TestIdentifiers reads the SDK's own packages. Types are aliases in the modules
// that replace them, so members are looked up in package xray's.
func TestIdentifiers(t *testing.T) {
	used := map[string]bool{} // names on the list
	for _, sdk := range []struct{ variant, replaced string }{
		{"sdk_v1", "../replace"},
		{"sdk_v2", "../replace/v2"},
	} {
		t.Run(sdk.variant, func(t *testing.T) {
			theirs := identifiers(t, module(t, sdk.variant))
			replaced, err := filepath.Abs(sdk.replaced)
			if err != nil {
				t.Fatal(err)
			}
			ours := identifiers(t, replaced)
			members := map[string]bool{}
			for _, dir := range []string{"../..", ".."} { // package xray, and those below it
				abs, err := filepath.Abs(dir)
				if err != nil {
					t.Fatal(err)
				}
				for id := range identifiers(t, abs) {
					members[id] = true
					switch pkg, name, _ := strings.Cut(id, "."); pkg {
					case "xraygrpc", "xrayfasthttp", "awsv1": // the SDK has them in package xray
						members["xray."+name] = true
					}
				}
			}
			there := 0
			for _, id := range slices.Sorted(maps.Keys(theirs)) {
				if name := excuse(id); name != "" {
					used[name] = true
					if ours[id] {
						t.Errorf("%s is there, and on the list of what is not", id)
					}
					continue
				}
				if !ours[id] && !(strings.Count(id, ".") == 2 && members[id]) {
					t.Errorf("%s is not there and not on the list", id)
					continue
				}
				there++
			}
			t.Logf("%d of %d identifiers of the SDK are there", there, len(theirs))
			if there < 300 {
				t.Errorf("only %d identifiers found", there)
			}
		})
	}
	for name := range missing {
		if !used[name] {
			t.Errorf("%s is on the list and not in the SDK", name)
		}
	}
}

func excuse(id string) string {
	for name := range missing {
		if id == name || strings.HasPrefix(id, name+".") || strings.HasSuffix(name, ".") && strings.HasPrefix(id, name) {
			return name
		}
	}
	return ""
}

// module returns where the SDK is that the programs are compiled against.
func module(t *testing.T, variant string) string {
	t.Helper()
	path := "github.com/aws/aws-xray-sdk-go"
	if variant == "sdk_v2" {
		path += "/v2"
	}
	cmd := exec.Command("go", "mod", "download", "-json", "-modfile=../"+variant+".mod", path)
	cmd.Dir = "testdata/programs"
	cmd.Env = append(cmd.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	var found struct{ Dir, Error string }
	if jsonErr := json.Unmarshal(out, &found); jsonErr != nil || err != nil || found.Dir == "" {
		t.Fatal(fmt.Errorf("go mod download %s: %v %v %s", path, err, jsonErr, out))
	}
	return found.Dir
}
