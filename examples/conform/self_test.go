package conform

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The example service, its first sample contact, and the tokens for it that its README prints.
const (
	sampleID    = "7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b"
	sampleScope = "partner:contacts:*"
	sampleTeam  = "0b9d8c7e-6f5a-4b3c-8d2e-1f0a9b8c7d6e"
)

// TestExampleService runs TestConform against the example service, as a process of its own, and
// holds the contact to what it was before.
func TestExampleService(t *testing.T) {
	dir := t.TempDir()
	service := filepath.Join(dir, "service")
	run := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, args...)
		if name == "go" {
			cmd.Dir = "../service"
		}
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %v\n%s", cmd, err, out)
		}
		return string(out)
	}
	run("go", "generate", ".")
	run("go", "build", "-o", service, ".")
	db := filepath.Join(dir, "contacts.db")
	run(service, "--db", db, "migrate")
	token := strings.TrimSpace(run(service, "--db", db, "new-token", sampleScope, "--team", sampleTeam))

	address := freeAddress(t)
	server := exec.CommandContext(t.Context(), service, "--db", db, "--sample", "--addr", address)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Process.Kill()
		server.Wait()
	})
	waitFor(t, address)

	conform := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-short", "-run", "^TestConform$", "-v")
	conform.Env = append(os.Environ(), "CONTACT_TARGET=http://"+address, "CONTACT_ID="+sampleID,
		"CONTACT_TOKEN="+token, "CONTACT_HAS=get keys versions")
	out, err := conform.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	parts := 0
	lines := bufio.NewScanner(strings.NewReader(string(out)))
	for lines.Scan() {
		if strings.HasPrefix(strings.TrimSpace(lines.Text()), "--- PASS: TestConform/") {
			parts++
		}
	}
	if parts < 25 {
		t.Errorf("%d parts passed\n%s", parts, out)
	}
}

// TestAllowed: another machine is left alone unless it is one's own.
func TestAllowed(t *testing.T) {
	for base, want := range map[string]bool{
		"http://127.0.0.1:8080": true, "http://localhost": true, "http://[::1]:80": true,
		"http://192.0.2.1": false, "https://example.org": false, "http://127.0.0.1.example.org": false,
	} {
		if err := allowed(base, false); (err == nil) != want {
			t.Errorf("%s: %v", base, err)
		}
		if err := allowed(base, true); err != nil {
			t.Errorf("%s: %v", base, err)
		}
	}
}

func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func waitFor(t *testing.T, address string) {
	for range 100 {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("nothing listens on %s", address)
}
