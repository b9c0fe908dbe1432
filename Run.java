import static org.junit.platform.engine.discovery.DiscoverySelectors.*;
import org.junit.platform.launcher.*;
import org.junit.platform.launcher.core.*;
import org.junit.platform.launcher.listeners.*;
import java.io.PrintWriter;
public class Run {
  public static void main(String[] a) {
    var b = LauncherDiscoveryRequestBuilder.request();
    for (String c : a) b.selectors(selectClass(c));
    var l = new SummaryGeneratingListener();
    LauncherFactory.create().execute(b.build(), l);
    var s = l.getSummary();
    for (var f : s.getFailures()) { System.out.println("FAIL " + f.getTestIdentifier().getDisplayName()+" "+f.getTestIdentifier().getUniqueId().replaceAll(".*/","")); var t=f.getException(); String m=String.valueOf(t); System.out.println("   " + (m.length()>900?m.substring(0,900):m)); for (var e : t.getStackTrace()) if (e.getClassName().startsWith("org.rlhf4j")) { System.out.println("     at "+e);  } }
    System.out.println("run " + s.getTestsStartedCount() + " ok " + s.getTestsSucceededCount() + " failed " + s.getTestsFailedCount() + " containers failed " + s.getContainersFailedCount()+ " ms " + (s.getTimeFinished()-s.getTimeStarted()));
  }
}
