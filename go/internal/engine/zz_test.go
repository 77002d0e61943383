package engine
import ("testing";"time";"syscall";"runtime";"os";"strings";"net/http")
func cpu() time.Duration { var r syscall.Rusage; syscall.Getrusage(0,&r); return time.Duration(r.Utime.Nano()+r.Stime.Nano()) }
func TestZZCompile(t *testing.T){
 for _, f := range strings.Fields(os.Getenv("MODS")) { coreWasm,_=os.ReadFile(f)
 for _, p := range []int{1,2} { runtime.GOMAXPROCS(p); best:=time.Hour; bw:=time.Hour; var m *module; for i:=0;i<6;i++ { c:=cpu(); s:=time.Now(); var err error; if m,err=compile(""); err!=nil {t.Fatal(err)}; best=min(best,cpu()-c); bw=min(bw,time.Since(s)) }; 
  compilation.current=&attempt{done:make(chan struct{}),module:m}; close(compilation.current.done)
  si:=time.Hour; for i:=0;i<10;i++ { c:=cpu(); e,err:=New(testContext(t), Config{Client: clientConfig(server.Token), HTTP: http.DefaultClient}); if err!=nil{t.Fatal(err)}; si=min(si,cpu()-c); e.Close() }
  t.Log(f,p, len(coreWasm), "wall",bw,"cpu", best, "signin cpu", si) }}
}
