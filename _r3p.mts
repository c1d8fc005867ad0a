import * as w from 'wgslgrad';
const r = await w.init({seed:7}); console.log(r);
const t0=performance.now(); const lap=(s:string)=>console.log(((performance.now()-t0)/1000).toFixed(1),s);
const [[xTrain,yTrain],[xTest,yTest]] = await w.datasets.fashionMnist.loadData();
const pick = async (images:w.Tensor, labels:w.Tensor, classes:number[], most=Infinity) => { const all=Array.from(await labels.data()) as number[]; const rows=all.flatMap((l,i)=>classes.includes(l)?[i]:[]).slice(0,most); return {x:w.gather(images,w.tensor(Int32Array.from(rows))).reshape([-1,28,28,1]), labels: rows.map(i=>classes.indexOf(all[i]!))}; };
const KNOWN=[1,2,6,7,8], NEW=[0,3,4,5,9];
const known=await pick(xTrain,yTrain,KNOWN,10000), fresh=await pick(xTrain,yTrain,NEW), test=await pick(xTest,yTest,NEW);
lap('data');
const block=(f:number,o={})=>[w.Conv2D(f,3,{padding:'same',useBias:false,...o}),w.BatchNormalization(),w.Activation('relu'),w.MaxPooling2D(2)];
const body=()=>new w.Sequential([w.Rescaling(1/255,{inputShape:[28,28,1]}),...block(16),...block(32),...block(64)]);
const net=(base:w.Sequential,lr:number,dropout=0.2)=>{ const m=new w.Sequential([base,w.Flatten(),w.Dropout(dropout),w.Dense(5,{activation:'softmax'})]); m.compile({optimizer:w.optimizers.Adam({learningRate:lr}),loss:'categorical_crossentropy',metrics:['accuracy']}); return m; };
const src=net(body(),1e-3); await src.fit(known.x,w.toCategorical(known.labels,5),{epochs:4,batchSize:64,verbose:2}); lap('base');
await (src.getLayer(0) as any).save('/tmp/hm/base.keras');
const yt=w.toCategorical(test.labels,5);
const draw=(seed:number,shots:number)=>{ // rows
  let s=seed*7919+1; const rnd=()=>{ s=(Math.imul(s,1664525)+1013904223)>>>0; return s/2**32; };
  const rows:number[]=[]; for(let c=0;c<5;c++){ const mine=fresh.labels.flatMap((l,i)=>l===c?[i]:[]); for(let k=0;k<shots;k++) rows.push(mine.splice(Math.floor(rnd()*mine.length),1)[0]!); } return rows; };
for(const shots of [5,10,25]) { const acc:Record<string,number[]>={}; for(const seed of [1,2,3]) { const rows=draw(seed,shots); const x=w.gather(fresh.x,w.tensor(Int32Array.from(rows))), y=w.toCategorical(rows.map(i=>fresh.labels[i]!),5);
  for(const [name,make,epochs,cache] of [
    ['head 1e-3 x60', async()=>{const b=await w.loadModel('/tmp/hm/base.keras') as any; b.trainable=false; return net(b,1e-3)},60,true],
    ['head 3e-3 x60', async()=>{const b=await w.loadModel('/tmp/hm/base.keras') as any; b.trainable=false; return net(b,3e-3)},60,true],
    ['scratch 1e-3 x60', async()=>net(body(),1e-3),60,false],
    ['scratch 3e-3 x60', async()=>net(body(),3e-3),60,false],
    ['finetune 3e-4', async()=>{const b=await w.loadModel('/tmp/hm/base.keras') as any; return net(b,3e-4)},60,false],
  ] as const) { w.setRandomSeed(seed); const m=await make(); const b=performance.now(); await m.fit(x,y,{epochs,batchSize:25,verbose:0,cacheFeatures:cache}); const f=performance.now(); const [,a]=await m.evaluate(test.x,yt,{verbose:0,batchSize:100}); (acc[name]??=[]).push(a!); if(seed===1) lap(`${shots} ${name} fit ${((f-b)/1000).toFixed(1)} eval ${((performance.now()-f)/1000).toFixed(1)}`); } }
  for(const [n,a] of Object.entries(acc)) console.log(shots,n.padEnd(20),(a.reduce((p,q)=>p+q)/a.length).toFixed(3),a.map(v=>v.toFixed(3)).join(' ')); }
lap('end'); await w.close();
