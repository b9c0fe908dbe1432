@echo off
rem RLHF4J from a checkout: builds on first use and whenever sources are newer, then runs the command.
rem Written for Windows x86-64 and not tested there.
setlocal
set "root=%~dp0"
set "classpath_file=%root%cli\target\rlhf.classpath"
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
set "stale=1"
if exist "%classpath_file%" (
  powershell -NoProfile -Command "$t=(Get-Item '%classpath_file%').LastWriteTime; $f=Get-ChildItem -Path '%root%pom.xml','%root%*\pom.xml','%root%*\src\main','%root%data' -Recurse -File | Where-Object { $_.LastWriteTime -gt $t } | Select-Object -First 1; if ($f) { exit 1 } else { exit 0 }"
  if not errorlevel 1 set "stale=0"
)
if "%stale%"=="1" (
  echo rlhf: building ^(first use, or sources changed^) ... 1>&2
  pushd "%root%"
  call mvn -B -ntp -q -Plauncher -pl cli -am package 1>&2
  if errorlevel 1 (popd & echo rlhf: the build failed 1>&2 & exit /b 1)
  popd
  rem The class path is longer than a command line may be: an argument file carries it.
  powershell -NoProfile -Command "$cp='%root%cli\target\rlhf.jar;'+(Get-Content '%classpath_file%'); '-cp \"'+$cp.Replace('\','\\')+'\"' | Set-Content -Encoding ascii '%root%cli\target\rlhf.args'"
)
if not defined OMP_WAIT_POLICY set "OMP_WAIT_POLICY=PASSIVE"
"%java%" -XX:+UseSerialGC %RLHF4J_JAVA_OPTS% "@%root%cli\target\rlhf.args" org.rlhf4j.cli.Main %*
