package clients

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/oapi-codegen/nullable"
	"github.com/partner-contacts/contact/examples/service/clients/oapiclient"
	"github.com/partner-contacts/contact/examples/service/clients/ogenclient"
	"github.com/stretchr/testify/require"
)

// The sample data of the service.
const (
	id    = "7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b"
	token = "sample-write.3pQm8Zk2Xv7Rt1Nc9Lb5Wd4Hs6Jf0Ga"
	other = "sample-other-team.2Mn4Bv6Cx8Zl1Kj3Hg5Fd7Sa9Po0Iu"
)

// service builds the service, runs it in memory and returns its address.
func service(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "service")
	build := exec.Command("go", "build", "-o", file, ".")
	build.Dir = ".."
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	cmd := exec.Command(file, "--addr", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), "DATABASE_URL=")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(strings.TrimPrefix(line, "listening on "))
}

// statuses are those of updateContact that have the error envelope.
var statuses = []int{400, 401, 404, 405, 408, 409, 412, 413, 415, 422, 429, 500, 503}

// refuser answers each request with the error that its path id says.
func refuser(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var status int
		if _, err := fmt.Sscanf(filepath.Base(r.URL.Path), "00000000-0000-4000-8000-%d", &status); err != nil {
			t.Error(err)
		}
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("X-Request-Id", "R")
		h.Set("WWW-Authenticate", "Bearer")
		h.Set("Allow", "GET")
		h.Set("Accept-Patch", "application/json")
		h.Set("Retry-After", "1")
		w.WriteHeader(status)
		io.WriteString(w, `{"errors":[{"code":"validation_failed","title":"T","detail":"D","source":{"pointer":"/city"},"meta":{"rule":"type","request_id":"R"}},`+
			`{"code":"not_found","title":"T","detail":"D","meta":{"request_id":"R"}}]}`)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func pathOf(status int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", status) }

type bearer string

func (b bearer) Bearer(context.Context, ogenclient.OperationName) (ogenclient.Bearer, error) {
	return ogenclient.Bearer{Token: string(b)}, nil
}

func TestOgen(t *testing.T) {
	url := service(t)
	c, err := ogenclient.NewClient(url, bearer(token))
	require.NoError(t, err)
	read, err := c.GetContact(t.Context(), ogenclient.GetContactParams{ID: id})
	require.NoError(t, err)
	before := read.(*ogenclient.ContactHeaders)

	patch := &ogenclient.UpdateContactApplicationMergePatchJSON{} // absent: everything else
	patch.City.SetTo("Oak Park")
	patch.PhoneHome.SetToNull()
	params := ogenclient.UpdateContactParams{ID: id, IfMatch: ogenclient.NewOptString(before.ETag)}
	done, err := c.UpdateContact(t.Context(), patch, params)
	require.NoError(t, err)
	after, ok := done.(*ogenclient.UpdateContactOKHeaders)
	require.True(t, ok, "%T", done)
	require.Equal(t, "Oak Park", after.Response.City.Value)
	require.True(t, before.Response.PhoneHome.Set)
	require.False(t, after.Response.PhoneHome.Set)
	require.Equal(t, before.Response.NameFirst, after.Response.NameFirst)
	require.NotEqual(t, before.ETag, after.ETag)

	done, err = c.UpdateContact(t.Context(), patch, params)
	require.NoError(t, err)
	require.IsType(t, &ogenclient.PreconditionFailedHeaders{}, done)
	known, err := c.GetContact(t.Context(), ogenclient.GetContactParams{ID: id, IfNoneMatch: ogenclient.NewOptString(after.ETag)})
	require.NoError(t, err)
	require.IsType(t, &ogenclient.GetContactNotModified{}, known)
	stranger, err := ogenclient.NewClient(url, bearer(other))
	require.NoError(t, err)
	unknown, err := stranger.GetContact(t.Context(), ogenclient.GetContactParams{ID: id})
	require.NoError(t, err)
	require.IsType(t, &ogenclient.NotFoundHeaders{}, unknown)

	refused, err := ogenclient.NewClient(refuser(t), bearer(token))
	require.NoError(t, err)
	for _, status := range statuses {
		res, err := refused.UpdateContact(t.Context(), patch, ogenclient.UpdateContactParams{ID: pathOf(status)})
		require.NoError(t, err, status)
		errs := reflect.ValueOf(res).Elem().FieldByName("Response").FieldByName("Errors").Interface().([]ogenclient.Error)
		require.Len(t, errs, 2, status)
		require.Equal(t, "/city", errs[0].Source.Value.Pointer.Value)
		require.Equal(t, "R", errs[1].Meta.RequestID)
	}
}

func TestOapiCodegen(t *testing.T) {
	url := service(t)
	authorize := oapiclient.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+token)
		return nil
	})
	c, err := oapiclient.NewClientWithResponses(url, authorize)
	require.NoError(t, err)
	before, err := c.GetContactWithResponse(t.Context(), id, &oapiclient.GetContactParams{})
	require.NoError(t, err)
	require.NotNil(t, before.JSON200, "%s", before.Body)
	tag := before.HTTPResponse.Header.Get("ETag")

	patch := oapiclient.ContactPatch{
		City:      nullable.NewNullableWithValue("Oak Park"),
		PhoneHome: nullable.NewNullNullable[string](),
	}
	params := &oapiclient.UpdateContactParams{IfMatch: &tag}
	after, err := c.UpdateContactWithApplicationMergePatchPlusJSONBodyWithResponse(t.Context(), id, params, patch)
	require.NoError(t, err)
	require.NotNil(t, after.JSON200, "%s", after.Body)
	require.Equal(t, "Oak Park", *after.JSON200.City)
	require.NotNil(t, before.JSON200.PhoneHome)
	require.Nil(t, after.JSON200.PhoneHome)
	require.Equal(t, before.JSON200.NameFirst, after.JSON200.NameFirst)

	stale, err := c.UpdateContactWithResponse(t.Context(), id, params, patch)
	require.NoError(t, err)
	require.Equal(t, "precondition_failed", string(stale.JSON412.Errors[0].Code))

	refused, err := oapiclient.NewClientWithResponses(refuser(t), authorize)
	require.NoError(t, err)
	for _, status := range statuses {
		res, err := refused.UpdateContactWithResponse(t.Context(), pathOf(status), &oapiclient.UpdateContactParams{}, patch)
		require.NoError(t, err, status)
		field := reflect.ValueOf(*res).FieldByName(fmt.Sprintf("JSON%d", status))
		require.False(t, field.IsNil(), status)
		errs := field.Elem().FieldByName("Errors").Interface().([]oapiclient.Error)
		require.Len(t, errs, 2)
		require.Equal(t, "/city", *errs[0].Source.Pointer)
		require.Equal(t, "R", errs[1].Meta.RequestId)
	}
}

// TestTypeScript runs ts/client.ts, compiled against the types that openapi-typescript makes.
func TestTypeScript(t *testing.T) {
	require.FileExists(t, "ts/out/client.js", "run: npm ci && npm run build, in ts")
	cmd := exec.Command("node", "ts/out/client.js", service(t), refuser(t), id, token)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}
