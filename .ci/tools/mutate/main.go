// Command mutate tests the tests of package contact: it makes small changes to the code of the package, or of one below
// it, one at a time, and lists those that no test notices.
//
//	go run . [-package .] [-files parser.go,kind.go] [-jobs 1] [-run 'kind.go:31'] [-budget 30m]
//
// All changes are built into one test binary, each behind a number that an environment variable chooses, so that only
// one compilation is needed. The checkout is not touched: the changed files reach the compiler as an overlay. Each change
// is first run against the vectors, which are quick, and against all short tests if it lives.
//
// A survivor either changes no result or is a test to write. No list of survivors is kept, because it ages with every
// change of the code. All files take hours; to look at some of them and keep the survivors:
//
//	go run . -files parser.go,kind.go -jobs 2 | tee survivors.txt
//	go run . -package internal/mergepatch -files compose.go,mergepatch.go,tree.go
//
// With -stages 2 only the two quickest groups of tests are run: more changes survive, in a tenth of the time.
//
// The changes: comparisons and operators become others, conditions true and false, integers one more, booleans the
// opposite; calls and assignments on lines of their own are left out.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// variable chooses the change; no other program looks at it.
const variable = "CONTACT_MUTANT"

const switchFile = `package %s

import (
	"os"
	"strconv"
)

var mutant, _ = strconv.Atoi(os.Getenv("` + variable + `"))

func mutantOf[T any](number int, changed, original func() T) T {
	if mutant == number {
		return changed()
	}
	return original()
}
`

// A change is one mutant.
type change struct {
	at   token.Position
	what string
}

func (c change) String() string {
	return fmt.Sprintf("%s:%d:%d %s", filepath.Base(c.at.Filename), c.at.Line, c.at.Column, c.what)
}

func main() {
	log.SetFlags(0)
	folder := flag.String("package", ".", "folder of the package to change, from the root of the module")
	files := flag.String("files", "date.go,timestamp.go,id.go,parser.go,merge.go,diff.go,appendmerge.go,request.go,field.go,validate.go", "files to change")
	jobs := flag.Int("jobs", 1, "changes to try at a time")
	run := flag.String("run", "", "regular expression for the changes to try, as they are listed: validate.go:48:7 <= for <")
	most := flag.Int("stages", 9, "groups of tests to run, from the quickest")
	budget := flag.Duration("budget", 2*time.Hour, "time after which no further change is tried")
	flag.Parse()
	if err := mutate(*folder, strings.Split(*files, ","), *jobs, *most, *run, *budget); err != nil {
		log.Fatal(err)
	}
}

func mutate(changed string, names []string, jobs, most int, run string, budget time.Duration) error {
	root, err := filepath.Abs("../../..")
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	m, err := load(filepath.Join(root, changed))
	if err != nil {
		return err
	}
	overlay := map[string]string{}
	put := func(name, text string) error {
		path := filepath.Join(work, name)
		overlay[filepath.Join(m.root, name)] = path
		return os.WriteFile(path, []byte(text), 0o600)
	}
	for _, name := range names {
		text, err := m.file(name)
		if err != nil {
			return err
		}
		if err := put(name, text); err != nil {
			return err
		}
	}
	if err := put("mutant_switch.go", fmt.Sprintf(switchFile, m.pkg.Name())); err != nil {
		return err
	}
	list, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(work, "overlay.json"), list, 0o600); err != nil {
		return err
	}
	const contract = "internal/contracttest" // most of the tests; the root folder has the others
	folders := []string{".", contract}
	if changed != "." {
		folders = append(folders, changed)
	}
	for _, folder := range folders {
		binary := filepath.Join(work, filepath.Base(folder)+".test")
		build := exec.Command("go", "test", "-c", "-vet=off", "-overlay", filepath.Join(work, "overlay.json"), "-o", binary, "./"+folder)
		build.Dir = root
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("the changed package does not compile: %w\n%s", err, out)
		}
	}

	try := func(number int, folder string, args ...string) (passed bool, output string) {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
		defer cancel()
		// A change may loop and allocate for ever: the shell limits its resources.
		script := `ulimit -v 6000000; exec "$0" "$@"`
		cmd := exec.CommandContext(ctx, "sh", append([]string{"-c", script, filepath.Join(work, filepath.Base(folder)+".test")}, args...)...)
		cmd.Dir = filepath.Join(root, folder)
		cmd.Env = append(os.Environ(), variable+"="+strconv.Itoa(number))
		out, err := cmd.CombinedOutput()
		return err == nil, string(out)
	}
	// From the quickest to all. Allocation counts change with the switches themselves; documentation does not change.
	const never = "Alloc|Docs"
	stages := [][]string{
		{contract, "-test.run", "^TestVectors$"},
		{contract, "-test.short", "-test.skip", never + "|Engines|Every|Vectors|Properties"},
		{contract, "-test.short", "-test.run", "Properties|EveryField"},
		{contract, "-test.short", "-test.run", "Engines|Every"},
		{".", "-test.short", "-test.skip", never},
	}
	if changed != "." {
		stages = slices.Insert(stages, 0, []string{changed, "-test.short", "-test.skip", never})
	}
	stages = stages[:min(most, len(stages))]
	for i := range stages {
		stages[i] = append(stages[i], "-test.failfast", "-test.timeout", "100s")
	}
	for _, folder := range folders {
		if ok, out := try(0, folder, "-test.short", "-test.skip", never); !ok {
			return fmt.Errorf("the tests fail without any change:\n%s", out)
		}
	}
	chosen, err := regexp.Compile(run)
	if err != nil {
		return err
	}

	var (
		lock      sync.Mutex
		wait      sync.WaitGroup
		survivors int
		killed    = make([]int, len(stages))
		next      = make(chan int)
		end       = time.Now().Add(budget)
	)
	log.Printf("%d changes", len(m.changes))
	one := func(number int) {
		for i, stage := range stages {
			if ok, _ := try(number, stage[0], stage[1:]...); !ok {
				lock.Lock()
				killed[i]++
				lock.Unlock()
				return
			}
		}
		lock.Lock()
		survivors++
		fmt.Println(m.changes[number-1])
		lock.Unlock()
	}
	for range jobs {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for number := range next {
				one(number)
			}
		}()
	}
	for i := range m.changes {
		if !chosen.MatchString(m.changes[i].String()) {
			continue
		}
		if time.Now().After(end) {
			log.Printf("stopped before change %d of %d", i+1, len(m.changes))
			break
		}
		next <- i + 1
	}
	close(next)
	wait.Wait()
	fmt.Printf("killed at each stage %v, %d survived\n", killed, survivors)
	return nil
}

// A mutator writes files with all changes in them.
type mutator struct {
	root    string
	set     *token.FileSet
	files   map[string]*ast.File
	info    types.Info
	pkg     *types.Package
	changes []change

	text       []byte
	base       int
	conditions map[ast.Expr]bool
	alone      map[ast.Stmt]bool
	fixed      map[ast.Node]bool // must stay as they are: the language wants a constant
}

// load parses and checks the package in a folder.
func load(root string) (*mutator, error) {
	m := &mutator{root: root, set: token.NewFileSet(), files: map[string]*ast.File{}}
	list := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Export,GoFiles,Dir", ".")
	list.Dir = root
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		return nil, err
	}
	exports := map[string]string{}
	var sources []string
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath, Export, Dir string
			GoFiles                 []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		exports[p.ImportPath] = p.Export
		if p.Dir == root {
			sources = p.GoFiles
		}
	}
	var files []*ast.File
	for _, name := range sources {
		f, err := parser.ParseFile(m.set, filepath.Join(root, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
		m.files[name] = f
	}
	m.info = types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	lookup := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	conf := types.Config{Importer: importer.ForCompiler(m.set, "gc", lookup)}
	m.pkg, err = conf.Check(files[0].Name.Name, m.set, files, &m.info)
	return m, err
}

// file returns the text of a file with its changes.
func (m *mutator) file(name string) (string, error) {
	f := m.files[name]
	if f == nil {
		return "", fmt.Errorf("no file %s in the package", name)
	}
	var err error
	if m.text, err = os.ReadFile(filepath.Join(m.root, name)); err != nil {
		return "", err
	}
	m.base = m.set.File(f.FileStart).Base()
	m.conditions, m.alone, m.fixed = map[ast.Expr]bool{}, map[ast.Stmt]bool{}, map[ast.Node]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt:
			m.conditions[n.Cond] = true
		case *ast.BlockStmt:
			for _, s := range n.List {
				m.alone[s] = true
			}
		case *ast.CaseClause:
			for _, s := range n.Body {
				m.alone[s] = true
			}
			for _, e := range n.List {
				if basic, ok := m.info.TypeOf(e).Underlying().(*types.Basic); ok && basic.Info()&types.IsBoolean != 0 {
					m.conditions[e] = true
				}
			}
		case *ast.GenDecl:
			m.fixed[n] = n.Tok != token.VAR
		case *ast.ArrayType:
			m.fixed[n] = true
		case *ast.KeyValueExpr:
			m.fixed[n.Key] = true
		}
		return true
	})
	return string(m.text[:f.Name.End()-f.FileStart]) + m.between(f, f.Name.End(), f.FileEnd), nil
}

func (m *mutator) source(from, to token.Pos) string {
	return string(m.text[int(from)-m.base : int(to)-m.base])
}

func (m *mutator) add(n ast.Node, what string) int {
	m.changes = append(m.changes, change{m.set.Position(n.Pos()), what})
	return len(m.changes)
}

// between returns the text from one place to another inside n, with the changes of the nodes there.
func (m *mutator) between(n ast.Node, from, to token.Pos) string {
	var b strings.Builder
	ast.Inspect(n, func(c ast.Node) bool {
		switch {
		case c == nil || c == n:
			return true
		case m.fixed[c]:
			return false
		case c.Pos() < from || !m.changeable(c):
			return true
		}
		b.WriteString(m.source(from, c.Pos()))
		b.WriteString(m.changed(c))
		from = c.End()
		return false
	})
	b.WriteString(m.source(from, to))
	return b.String()
}

// plain returns the text of n without changes of n itself.
func (m *mutator) plain(n ast.Node) string { return m.between(n, n.Pos(), n.End()) }

// with returns the text of n with those changes, too.
func (m *mutator) with(n ast.Node) string {
	if m.changeable(n) {
		return m.changed(n)
	}
	return m.plain(n)
}

var (
	otherComparisons = map[token.Token][]token.Token{ // conditions are made true and false besides
		token.EQL: {token.NEQ}, token.NEQ: {token.EQL}, token.LSS: {token.LEQ}, token.LEQ: {token.LSS},
		token.GTR: {token.GEQ}, token.GEQ: {token.GTR}, token.LAND: {token.LOR}, token.LOR: {token.LAND},
	}
	otherOperators = map[token.Token]token.Token{
		token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.ADD, token.QUO: token.MUL, token.REM: token.QUO,
		token.AND: token.OR, token.OR: token.AND, token.SHL: token.SHR, token.SHR: token.SHL, token.AND_NOT: token.AND,
	}
	otherAssignments = map[token.Token]token.Token{
		token.ADD_ASSIGN: token.SUB_ASSIGN, token.SUB_ASSIGN: token.ADD_ASSIGN, token.OR_ASSIGN: token.AND_ASSIGN, token.AND_ASSIGN: token.OR_ASSIGN,
	}
)

func isInteger(t types.Type) bool {
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&types.IsInteger != 0
}

func (m *mutator) changeable(n ast.Node) bool {
	switch n := n.(type) {
	case ast.Expr:
		tv, ok := m.info.Types[n]
		if !ok || !tv.IsValue() {
			return false
		}
		if tv.Value != nil {
			switch n := n.(type) {
			case *ast.BasicLit, *ast.BinaryExpr, *ast.CallExpr:
				return tv.Value.Kind() == constant.Int && isInteger(tv.Type)
			case *ast.Ident:
				return n.Name == "true" || n.Name == "false"
			}
			return false
		}
		if m.conditions[n] {
			return true
		}
		switch n := n.(type) {
		case *ast.BinaryExpr:
			return otherComparisons[n.Op] != nil || isInteger(tv.Type)
		case *ast.UnaryExpr:
			return n.Op == token.NOT
		}
	case *ast.ExprStmt:
		return m.alone[n]
	case *ast.IncDecStmt:
		return m.alone[n]
	case *ast.AssignStmt:
		return m.alone[n] && n.Tok != token.DEFINE
	}
	return false
}

func (m *mutator) changed(n ast.Node) string {
	switch n := n.(type) {
	case ast.Expr:
		text := m.expression(n)
		if m.conditions[n] {
			yes, no := m.add(n, "condition true"), m.add(n, "condition false")
			text = fmt.Sprintf("(mutant == %d || mutant != %d && %s)", yes, no, text)
		}
		return text
	case *ast.AssignStmt:
		out := m.add(n, "assignment left out")
		text := m.plain(n)
		if other, ok := otherAssignments[n.Tok]; ok && isInteger(m.info.TypeOf(n.Lhs[0])) {
			swap := m.add(n, fmt.Sprintf("%s for %s", other, n.Tok))
			return fmt.Sprintf("if mutant == %d { %s %s %s } else if mutant != %d { %s }", swap, m.source(n.Lhs[0].Pos(), n.Lhs[0].End()), other,
				m.source(n.Rhs[0].Pos(), n.Rhs[0].End()), out, text)
		}
		return fmt.Sprintf("if mutant != %d { %s }", out, text)
	default:
		out := m.add(n, "statement left out")
		return fmt.Sprintf("if mutant != %d { %s }", out, m.plain(n))
	}
}

// expression returns an expression in brackets with its changes, but for those of a condition.
func (m *mutator) expression(n ast.Expr) string {
	tv := m.info.Types[n]
	typeName := types.TypeString(types.Default(tv.Type), func(p *types.Package) string {
		if p == m.pkg {
			return ""
		}
		return p.Name()
	})
	if tv.Value != nil {
		if ident, ok := n.(*ast.Ident); ok {
			compare := map[string]string{"true": "!=", "false": "=="}[ident.Name]
			return fmt.Sprintf("(mutant %s %d)", compare, m.add(n, "the opposite of "+ident.Name))
		}
		text := m.source(n.Pos(), n.End())
		more := m.add(n, "one more than "+text)
		return fmt.Sprintf("mutantOf(%d, func() %s { v := %s(%s); return v + 1 }, func() %s { return %s })", more, typeName, typeName, text, typeName, text)
	}
	switch n := n.(type) {
	case *ast.BinaryExpr:
		x, y := m.with(n.X), m.with(n.Y)
		text := fmt.Sprintf("(%s %s %s)", x, n.Op, y)
		for _, op := range otherComparisons[n.Op] {
			number := m.add(n, fmt.Sprintf("%s for %s", op, n.Op))
			text = fmt.Sprintf("(mutant == %d && (%s %s %s) || mutant != %d && %s)", number, m.source(n.X.Pos(), n.X.End()), op, m.source(n.Y.Pos(), n.Y.End()), number, text)
		}
		if op, ok := otherOperators[n.Op]; ok && isInteger(tv.Type) {
			number := m.add(n, fmt.Sprintf("%s for %s", op, n.Op))
			text = fmt.Sprintf("mutantOf(%d, func() %s { return %s %s %s }, func() %s { return %s })", number, typeName,
				m.source(n.X.Pos(), n.X.End()), op, m.source(n.Y.Pos(), n.Y.End()), typeName, text)
		}
		return text
	case *ast.UnaryExpr:
		if n.Op == token.NOT {
			number := m.add(n, "without !")
			return fmt.Sprintf("(mutant == %d) == %s", number, m.with(n.X))
		}
	}
	return "(" + m.plain(n) + ")"
}
