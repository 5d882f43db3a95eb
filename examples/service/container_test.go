package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// nobody is the user without rights: the container's is as good.
const nobody = 65534

// TestContainer does what the Dockerfile and compose.yaml do, without Docker: it builds the program as
// they do and runs it with nothing else in its file system and as nobody, first to migrate, then to
// serve.
func TestContainer(t *testing.T) {
	dockerfile, err := os.ReadFile("Dockerfile")
	require.NoError(t, err)
	var build string
	for line := range strings.Lines(string(dockerfile)) {
		if rest, ok := strings.CutPrefix(line, "RUN "); ok {
			build = strings.TrimSpace(rest)
		}
	}
	root := t.TempDir()
	require.NoError(t, os.Chmod(root, 0o755))
	build = strings.Replace(build, "/service ", filepath.Join(root, "service")+" ", 1)
	out, err := exec.Command("sh", "-c", build).CombinedOutput()
	require.NoError(t, err, "%s", out)

	dsn := postgres(t).database(t)
	program := func(args ...string) (*exec.Cmd, *bytes.Buffer) {
		cmd := exec.Command("/service", args...)
		cmd.Err = nil // it is in the new root alone
		cmd.Dir = "/"
		cmd.Env = []string{"DATABASE_URL=" + dsn}
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Pdeathsig: syscall.SIGKILL}
		if os.Getuid() == 0 {
			cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
		} else {
			cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
			cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: nobody, HostID: os.Getuid(), Size: 1}}
		}
		var log bytes.Buffer
		cmd.Stderr = &log
		return cmd, &log
	}
	cmd, log := program("tokens")
	require.Error(t, cmd.Run())
	require.Contains(t, log.String(), "migrate")
	cmd, log = program("migrate")
	require.NoError(t, cmd.Run(), log)

	cmd, log = program("--addr", "127.0.0.1:0", "--metrics", "127.0.0.1:0", "--sample")
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	p := &process{cmd: cmd, out: bufio.NewReader(stdout)}
	t.Cleanup(p.kill)
	url := p.line(t, "listening on ")
	metrics := p.line(t, "metrics on ")
	resp, body := request(t, "PATCH", url+samplePath, writeToken, `{"timezone":"Europe/Paris"}`)
	require.Equal(t, 200, resp.StatusCode, "%s %s", body, log)
	resp, body = request(t, "GET", url+"/readyz", "", "")
	require.Equal(t, 200, resp.StatusCode, body)
	healthy, log2 := program("healthy", url+"/readyz")
	require.NoError(t, healthy.Run(), log2)
	healthy, _ = program("healthy", url+"/nowhere")
	require.Error(t, healthy.Run())
	for _, address := range []string{url + "/", url + "/editor.js", url + "/editor.css", url + "/contact.wasm", metrics} {
		resp, err := http.Get(address)
		require.NoError(t, err)
		content, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, 200, resp.StatusCode)
		require.NotEmpty(t, content)
	}
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, cmd.Wait(), log)
}
