package page

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

var update = flag.Bool("update", false, "write the README's screenshots anew")

// console is go run ./examples/local, once for all tests, after its scenarios.
var console = sync.OnceValues(func() (address string, err error) {
	dir, err := os.MkdirTemp("", "console-")
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "local")
	if out, err := exec.Command("go", "build", "-o", binary, "github.com/lambdaxray/lambdaxray/examples/local").CombinedOutput(); err != nil {
		return string(out), err
	}
	cmd := exec.Command(binary, "-node=false", "-addr", "127.0.0.1:0")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	endConsole = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		_ = os.RemoveAll(dir)
	}
	said := ""
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		line := lines.Text()
		said += line + "\n"
		if _, at, ok := strings.Cut(line, "X-Ray on "); ok {
			address = at
		}
		if strings.Contains(line, "Invoke API on") {
			go func() {
				for lines.Scan() { // what it says later, so that it does not wait
				}
			}()
			return address, nil
		}
	}
	return said, cmd.Wait()
})

var endConsole = func() {}

// visit shows a path of the console and waits for what the selector names.
func visit(t *testing.T, path, selector string) (tab, string) {
	t.Helper()
	page := browser(t) // before: without a browser the test is skipped
	address, err := console()
	if err != nil {
		t.Fatalf("the console: %v\n%s", err, address)
	}
	do(t, page, chromedp.Navigate(address+path))
	until(t, page, "document.querySelector('"+selector+"')")
	return page, address
}

func TestConsoleShowsTheScenarios(t *testing.T) {
	page, _ := visit(t, "/", ".node")
	got := evaluate[string](t, page, `[...document.querySelectorAll(".node")].map((n) => n.dataset.name + " " + n.dataset.type).sort().join(", ")`)
	want := "SQS AWS::SQS, audit AWS::S3::Bucket, orders AWS::DynamoDB::Table, orders AWS::Lambda, orders AWS::Lambda::Function, orders client, prices.example.com remote, receipts AWS::S3::Bucket"
	if got != want {
		t.Errorf("the map shows %s, want %s", got, want)
	}
	screenshot(t, page, "map")
}

func TestConsoleOpensTheColdTrace(t *testing.T) {
	page, address := visit(t, "/traces?sort=start", ".traces tbody tr")
	do(t, page, chromedp.KeyEvent("\r"))
	until(t, page, `document.querySelector(".row[data-name='Initialization']")`)
	until(t, page, `document.querySelector(".row[data-name='Initialization'] .bar").getBoundingClientRect().right <= document.querySelectorAll(".row-segment .bar")[1].getBoundingClientRect().left + 2`)
	if miss := evaluate[float64](t, page, `[...document.querySelectorAll(".parts li")].reduce((sum, p) => sum + Number(p.dataset.seconds), 0) - Number(document.querySelector(".parts").dataset.total)`); miss < -2e-6 || miss > 2e-6 {
		t.Errorf("the bar misses the response time by %v s", miss)
	}
	do(t, page, chromedp.Click(chromedp.CSS(`.row[data-name="S3"]`)))
	until(t, page, `document.querySelector(".panel")`)
	screenshot(t, page, "trace")

	saved, err := http.Get(address + evaluate[string](t, page, "location.pathname") + ".html")
	if err != nil {
		t.Fatal(err)
	}
	defer saved.Body.Close()
	file := filepath.Join(t.TempDir(), "trace.html")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.ReadFrom(saved.Body); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	do(t, page, chromedp.Navigate("file://"+file))
	until(t, page, `document.querySelector(".row[data-name='Initialization']")`)
}

func TestConsoleFiltersAndCompares(t *testing.T) {
	page, _ := visit(t, `/traces?filter=annotation.customer%20%3D%20%22grace%22`, ".traces tbody tr")
	some := evaluate[int](t, page, `document.querySelectorAll(".traces tbody tr").length`)
	do(t, page, chromedp.Click(chromedp.CSS(`[aria-label="Clear the filter"]`)))
	until(t, page, `document.querySelectorAll(".traces tbody tr").length === 12`)
	if some == 0 || some >= 12 {
		t.Errorf("%d of 12 traces are grace's", some)
	}
	do(t, page, chromedp.KeyEvent("c"))
	until(t, page, `document.querySelector(".row-compare")`)
	do(t, page, chromedp.KeyEvent("j"), chromedp.KeyEvent("\r"))
	until(t, page, `document.querySelector(".compare tbody tr")`)
}

func TestConsoleCompletesFromTheData(t *testing.T) {
	page, _ := visit(t, "/traces", ".traces tbody tr")
	do(t, page, chromedp.SendKeys(chromedp.CSS(".filter input"), "annotation.cu"))
	until(t, page, `[...document.querySelectorAll("#filter-offer li")].some((li) => li.innerText.includes("customer"))`)
}

// Spans of a real program stand beside their documents, and a mapper with other settings
// makes others of them.
func TestConsoleMapsSpansAnew(t *testing.T) {
	page, address := visit(t, "/", ".node")
	spans, err := os.ReadFile("../../../mapping/testdata/golden/go_instrumentation_2026_10/spans.json")
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post(address+"/v1/traces", "application/json", bytes.NewReader(spans))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	id := regexp.MustCompile(`"traceId": *"([0-9a-f]{8})([0-9a-f]{24})"`).FindSubmatch(spans)
	trace := fmt.Sprintf("1-%s-%s", id[1], id[2])
	do(t, page, chromedp.Navigate(address+"/trace/"+trace))
	until(t, page, `document.querySelectorAll(".pair[data-span][data-document]").length > 3`)
	do(t, page, chromedp.Navigate(address+"/mappings/"+trace+"?b=url-query,all-annotations"))
	until(t, page, `[...document.querySelectorAll(".differs code")].some((c) => c.innerText.startsWith("annotations."))`)
	until(t, page, `document.querySelector(".mappings [role=status]").innerText.startsWith("They differ in ")`)
	screenshot(t, page, "mappings")
}

// screenshot looks at both colours; with -update it writes them for the README.
func screenshot(t *testing.T, page tab, name string) {
	t.Helper()
	for range 2 {
		shade := evaluate[string](t, page, "document.documentElement.dataset.theme")
		b, err := chromedp.Run(page, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join("..", "screenshots", name+"-"+shade+".png")
		if *update {
			if err := os.WriteFile(file, b, 0o644); err != nil {
				t.Fatal(err)
			}
		} else if _, err := os.Stat(file); err != nil {
			t.Errorf("%v: write it with go test ./local/page -run Console -update", err)
		}
		do(t, page, chromedp.Click(chromedp.CSS(".shade")))
		until(t, page, `document.documentElement.dataset.theme !== "`+shade+`"`)
		time.Sleep(150 * time.Millisecond) // the colours fade
	}
}

// What others send is found by an annotation with a dot, and its name stays text.
func TestConsoleTakesWhatOthersSend(t *testing.T) {
	page, address := visit(t, "/", ".node")
	id := fmt.Sprintf("1-%08x-%024x", time.Now().Unix(), 7)
	document := fmt.Sprintf(`{"id":"70000000000000f1","trace_id":%q,"name":"acme","user":"<img src=x onerror=alert(1)>","start_time":%d,"end_time":%[2]d.5,"annotations":{"tenant.id":"acme"},
		"http":{"request":{"method":"GET","url":"javascript:alert(1)"}}}`, id, time.Now().Unix())
	put := func(document string) {
		body, err := json.Marshal(map[string][]string{"TraceSegmentDocuments": {document}})
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.Post(address+"/TraceSegments", "application/x-amz-json-1.1", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
	}
	put(document)
	do(t, page, chromedp.Navigate(address+`/traces?filter=`+url.QueryEscape(`annotation[tenant.id] = "acme"`)))
	until(t, page, `document.querySelectorAll(".traces tbody tr").length === 1`)
	do(t, page, chromedp.KeyEvent("\r"))
	until(t, page, `document.querySelector(".row[data-name='acme']")`)
	do(t, page, chromedp.Click(chromedp.CSS(".row[data-name='acme']")))
	until(t, page, `document.querySelector(".panel").innerText.includes("<img src=x")`)
	if evaluate[bool](t, page, `document.querySelector("img") !== null`) {
		t.Error("the user became an element")
	}

	// What X-Ray would refuse is shown with the rule.
	refused := strings.Replace(strings.Replace(document, `"name":"acme"`, `"name":"<img src=x>"`, 1), "70000000000000f1", "70000000000000f2", 1)
	put(refused)
	do(t, page, chromedp.Navigate(address+"/health"))
	until(t, page, `document.querySelector(".health")?.innerText.includes("must not contain '<'")`)
	if evaluate[bool](t, page, `document.querySelector("img") !== null`) {
		t.Error("the name became an element")
	}
}
