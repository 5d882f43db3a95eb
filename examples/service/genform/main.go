// Command genform builds the browser form into ../dist, from page/ and the WebAssembly package, with
// nothing but Go. The same sources and the same Go make the same bytes.
package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

const wasm = "../../wasm" // seen from the service, where go generate runs

func main() {
	log.SetFlags(0)
	log.SetPrefix("genform: ")
	if err := os.MkdirAll("dist", 0o755); err != nil {
		log.Fatal(err)
	}
	for name, build := range map[string]func() ([]byte, error){
		"index.html":   func() ([]byte, error) { return os.ReadFile("page/index.html") },
		"style.css":    func() ([]byte, error) { return os.ReadFile("page/style.css") },
		"app.js":       bundle,
		"contact.wasm": compile,
	} {
		content, err := build()
		if err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join("dist", name+".gz"), pack(content), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

func pack(content []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := w.Write(content); err != nil {
		log.Fatal(err)
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	return b.Bytes()
}

// bundle makes one script of the page's and the package's.
func bundle() ([]byte, error) {
	src, err := filepath.Abs(filepath.Join(wasm, "src"))
	if err != nil {
		return nil, err
	}
	result := api.Build(api.BuildOptions{
		EntryPoints: []string{"page/app.ts"},
		Bundle:      true,
		Format:      api.FormatESModule,
		Target:      api.ES2022,
		Alias: map[string]string{
			"@partner-contacts/contact":      filepath.Join(src, "contact.ts"),
			"@partner-contacts/contact/form": filepath.Join(src, "form.ts"),
		},
		Define: map[string]string{"VERSION": `"source"`},
	})
	if len(result.Errors) > 0 {
		text := api.FormatMessages(result.Errors, api.FormatMessagesOptions{})
		return nil, errors.New("bundle the form: " + strings.Join(text, ""))
	}
	return result.OutputFiles[0].Contents, nil
}

// compile builds the package's WebAssembly module.
func compile() ([]byte, error) {
	dir, err := os.MkdirTemp("", "genform-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "contact.wasm")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s -w",
		"-tags=contact_small", "-o", out, ".")
	cmd.Dir = wasm
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compile the form's module: %w\n%s", err, text)
	}
	return os.ReadFile(out)
}
