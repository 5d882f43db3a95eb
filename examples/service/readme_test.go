package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A command of the README and, where it has one, the output below it.
var readmeBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```\n(?:^```\n(.*?)^```\n)?")

// What differs from run to run.
var stamped = regexp.MustCompile(`"(updated_at|request_id)":"[^"]*"`)

// compact is output without its layout and without the time of the run.
func compact(output string) string {
	at := strings.LastIndex(output, "}") + 1
	var b bytes.Buffer
	if json.Compact(&b, []byte(output[:at])) == nil {
		output = b.String() + output[at:]
	}
	return stamped.ReplaceAllString(output, `"$1":"…"`)
}

// TestReadme runs the README's lines as they are printed, all in one shell,
// and compares what they print.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, err = exec.LookPath("curl")
	require.NoError(t, err, "install it with: apt-get install -y curl")
	p := startProcess(t, "", "--addr", "127.0.0.1:0")

	const end = "\n--- end of a block ---\n"
	var script strings.Builder
	var want []string
	for _, block := range readmeBlock.FindAllStringSubmatch(string(readme), -1) {
		command, output := block[1], block[2]
		if !strings.Contains(command, "CONTACT") {
			continue // ci.sh is no request
		}
		script.WriteString(strings.ReplaceAll(command, "http://127.0.0.1:8080", p.url))
		script.WriteString("printf %s '" + end + "'\n")
		want = append(want, output)
	}
	require.Len(t, want, 8)
	cmd := exec.Command("sh")
	cmd.Stdin = strings.NewReader("set -eu\n" + script.String())
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	got := strings.Split(string(out), end)
	require.Len(t, got, len(want)+1)
	for i, output := range want {
		require.Equal(t, compact(output), compact(got[i]), "block %d prints:\n%s", i+1, got[i])
	}
}
