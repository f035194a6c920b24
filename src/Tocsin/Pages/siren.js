// Sounds while the page says so. What it says is kept true by the script of every page; this one only listens to it.
(() => {
  "use strict";
  const arm = document.getElementById("arm");
  const armed = document.getElementById("armed");
  const connection = document.getElementById("connection");
  if (!arm || !armed || !connection)
    return;

  const lostAfterMs = 60000;
  let audio = null;
  let lostSince = 0;

  const beep = (hertz, seconds) => {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.type = "square";
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.4, audio.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + seconds);
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + seconds);
  };

  const isAlarm = () => document.getElementById("sounding")?.dataset.sounds === "yes";

  const isLost = () => {
    lostSince = connection.hidden ? 0 : lostSince || Date.now();
    return lostSince > 0 && Date.now() - lostSince >= lostAfterMs;
  };

  // A device that was asleep must be woken before it sounds.
  const sound = async () => {
    if (!audio)
      return;
    const alarm = isAlarm();
    if (!alarm && !isLost())
      return;
    if (audio.state !== "running")
      await audio.resume();
    beep(alarm ? 880 : 330, 0.4);
    if (alarm)
      setTimeout(() => beep(660, 0.4), 450);
  };

  arm.addEventListener("click", async () => {
    audio ??= new AudioContext();
    await audio.resume();
    beep(880, 0.3);
    arm.textContent = "The siren is armed";
    arm.disabled = true;
    armed.textContent = "Armed: this page sounds.";
    armed.className = "good";
    document.body.dataset.armed = "yes";
  });
  setInterval(sound, 1000);
})();
